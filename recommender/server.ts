import type { FastifyInstance } from "fastify";
import { Problem } from "../contracts/problem.ts";
import type { Settings } from "../contracts/settings.ts";
import type { Objects } from "../night/objects.ts";
import { buildApp } from "./app.ts";
import { followPointer, type CurrentModel } from "./current-model.ts";
import { openStore } from "./store.ts";

/** How often the pointer and the block list are looked at. */
const REFRESH_MS = 5_000;

export interface Server {
  app: FastifyInstance;
  url: string;
  model: CurrentModel;
  close(): Promise<void>;
}

export interface ServeOptions {
  settings: Settings;
  objects: Objects;
  logger?: boolean | object;
}

/**
 * Loads the current model, listens, and follows the pointer. Without a model it listens all the same, not ready, until
 * the first is published.
 * @throws Problem when the port is taken, or a setting that the store needs is missing.
 */
export async function serve({ settings, objects, logger = false }: ServeOptions): Promise<Server> {
  const model = followPointer(objects, settings.shop, await openStore(settings, objects));
  const app = buildApp({ model, logger });
  let timer: NodeJS.Timeout;
  // The next look begins when the last has ended: a slow one is not joined by others.
  const follow = async () => {
    await refresh(app, model);
    timer = setTimeout(follow, REFRESH_MS).unref();
  };
  await follow();
  app.addHook("onClose", () => clearTimeout(timer));
  const url = await listen(app, settings);
  return { app, url, model, close: () => app.close() };
}

async function refresh(app: FastifyInstance, model: CurrentModel): Promise<void> {
  const { news, problems } = await model.refresh();
  const name = model.get()?.name ?? "none";
  for (const text of news) app.log.info({ model: name }, text);
  for (const error of problems) app.log.error({ err: error, model: name }, (error as Error).message);
}

/** SIGINT and SIGTERM finish the requests under way, then end the process: Cloud Run allows ten seconds. */
export function closeOnSignals(server: Server): void {
  const stop = () => void server.close();
  process.once("SIGINT", stop).once("SIGTERM", stop);
}

async function listen(app: FastifyInstance, { host, port }: Settings): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === "EADDRINUSE" ? "another program is listening there" : message;
    const next =
      code === "EADDRINUSE"
        ? `stop it, or choose another port: PORT=${port + 1}`
        : "choose another --host or --port";
    throw new Problem({ doing: `Listening on ${host}:${port}`, why, next, cause });
  }
}
