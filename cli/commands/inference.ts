import type { Command } from "commander";
import { settingsOf, withSettings } from "../options.ts";
import type { Started } from "../services/start.ts";
import { print } from "../print.ts";

export function addInference(program: Command): void {
  const command = program
    .command("inference")
    .description("start the inference service: it classifies texts by a language model, over gRPC");
  withSettings(command, "inference").action(async (options) => {
    const { closeOnSignals } = await import("../../serving/grpc/signals.ts");
    const { serveInference } = await import("../../inference/server.ts");
    const { pino } = await import("pino");
    const settings = settingsOf(options);
    const server = await serveInference({ settings, log: pino({ level: "warn" }) });
    closeOnSignals(server);
    process.send?.({ address: server.address } satisfies Started);
    const { address } = server;
    const model = server.model();
    print(
      model === null
        ? `The inference service listens at ${address}, but there is no model at ${settings["inference.model"]} yet. \`npm run model:sentiment\` makes one.`
        : `The inference service answers at ${address} from the model ${model}.`,
    );
    if (server.opsUrl) print(`Its metrics are at ${server.opsUrl}/metrics.`);
  });
}
