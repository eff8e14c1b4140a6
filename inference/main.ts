/** The container's entry: settings come from the environment, logs go to Cloud Logging. */
import { pino } from "pino";
import { readSettings } from "../adapters/settings.ts";
import { cloudLog } from "../serving/cloud-log.ts";
import { closeOnSignals } from "../serving/grpc/signals.ts";
import { serveInference } from "./server.ts";

try {
  const port = Number(process.env["PORT"] ?? 8080);
  const settings = readSettings({
    file: { path: "none", values: {} },
    defaults: { "inference.host": "0.0.0.0", "inference.port": port },
  });
  closeOnSignals(await serveInference({ settings, log: pino(cloudLog({})) }));
} catch (error) {
  console.log(JSON.stringify({ severity: "CRITICAL", message: (error as Error).message }));
  process.exitCode = 1;
}
