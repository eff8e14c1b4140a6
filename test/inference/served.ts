import type { ClientDuplexStream } from "@grpc/grpc-js";
import type { BaseLogger } from "pino";
import { afterAll } from "vitest";
import { inferenceDefinition } from "../../adapters/grpc/inference.ts";
import type { Classification, Text } from "../../contracts/inference.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { serveInference, type Inference } from "../../inference/server.ts";
import { allAnswers, call, grpcClient, healthClient, stream } from "../grpc-clients.ts";
import { settingsWith } from "../night/shop.ts";

/** Starts an inference service on a free port, with one thread, until the test file ends. */
export async function started(
  model: string,
  change: Partial<Settings> = {},
  log?: BaseLogger,
): Promise<Inference> {
  const own = { "inference.port": 0, "inference.threads": 1, "inference.model": model };
  const server = await serveInference({ settings: settingsWith({ ...own, ...change }), ...(log && { log }) });
  afterAll(() => server.close(0));
  return server;
}

export type TextStream = ClientDuplexStream<Text, Classification>;

/** A client of grpc-js. */
export function clientTo({ address }: Pick<Inference, "address">) {
  const client = grpcClient(inferenceDefinition, address);
  return {
    classify: (text: string) => call<Classification>(client, "ClassifyText", { text }),
    batch: () => stream<Text, Classification>(client, "ClassifyBatch"),
    classifyAll: (texts: readonly string[]) =>
      allAnswers(
        stream<Text, Classification>(client, "ClassifyBatch"),
        texts.map((text) => ({ text })),
      ),
    ...healthClient(address),
  };
}
