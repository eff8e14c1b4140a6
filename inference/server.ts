import { pino, type BaseLogger } from "pino";
import { inferenceDefinition, inferenceFiles } from "../adapters/grpc/inference.ts";
import { openFolder } from "../adapters/storage/choose.ts";
import { INFERENCE, MAX_MESSAGE_BYTES } from "../contracts/inference.ts";
import { grpcServerOf } from "../contracts/settings/grpc-server.ts";
import type { Settings } from "../contracts/settings/settings.ts";
import { withDeadlines } from "../serving/deadlines.ts";
import type { Following } from "../serving/following.ts";
import { serveGrpc, type GrpcServer } from "../serving/grpc/server.ts";
import { handlers } from "./calls/handlers.ts";
import { CurrentModel } from "./current-model.ts";
import { ModelMetrics } from "./metrics.ts";

export interface InferenceOptions {
  settings: Settings;
  log?: BaseLogger;
}

export interface Inference extends Omit<GrpcServer, "updateHealth"> {
  /** Name and version of the model that answers now; null: there is none yet. */
  model(): string | null;
  /** Looks at the model's folder now. */
  refresh: Following["refresh"];
}

/**
 * Loads the model, listens, and follows the model's folder. While the folder has no model it
 * listens all the same, not serving.
 * @throws Problem when the model is broken or does not fit, or a port is taken.
 */
export async function serveInference(options: InferenceOptions): Promise<Inference> {
  const { settings, log = pino({ level: "silent" }) } = options;
  const metrics = new ModelMetrics();
  const folder = withDeadlines(await openFolder(settings, settings["inference.model"]));
  let server: GrpcServer | null = null;
  const current = new CurrentModel(folder, settings, { log, metrics, changed: () => server?.updateHealth() });
  const { news, problems } = await current.look();
  if (problems.length > 0) throw causeOf(problems[0]);
  for (const text of news) log.info({ model: current.get()?.title }, text);
  try {
    server = await serveGrpc({
      settings: grpcServerOf("inference", settings),
      service: INFERENCE,
      definition: inferenceDefinition,
      handlers: handlers(() => current.model(), settings["inference.maxBatch"], log),
      maxMessageBytes: MAX_MESSAGE_BYTES,
      files: inferenceFiles,
      serves: () => current.get()?.isWorking() ?? false,
      metrics: () =>
        metrics.all(
          () => current.get(),
          () => current.isFailing,
        ),
    });
  } catch (error) {
    await current.close();
    throw error;
  }
  await current.following.start();
  log.info({}, `The inference service listens at ${server.address}`);
  const { close } = server;
  return {
    ...server,
    model: () => current.get()?.title ?? null,
    refresh: () => current.following.refresh(),
    async close(cutOffMs) {
      current.following.stop();
      await close(cutOffMs);
      await current.close();
    },
  };
}

/** A look says what it looked at; the Problem behind it says what to do. */
const causeOf = (problem: unknown) => (problem as Error).cause ?? problem;
