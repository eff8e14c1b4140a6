/** The container's entry: settings come from the environment, logs go to Cloud Logging. */
import { openObjects } from "../adapters/storage/choose.ts";
import { readSettings } from "../adapters/settings.ts";
import { pino } from "pino";
import { cloudLog } from "../serving/cloud-log.ts";
import { closeOnSignals, serve } from "./server.ts";

try {
  const settings = readSettings({
    file: { path: "none", values: {} },
    defaults: { host: "0.0.0.0", access: "iam" },
  });
  // Of several shops each says its own name.
  const log = pino(cloudLog(settings.shops.length > 0 ? {} : { shop: settings.shop }));
  closeOnSignals(await serve({ settings, objects: await openObjects(settings), log }));
} catch (error) {
  console.log(JSON.stringify({ severity: "CRITICAL", message: (error as Error).message }));
  process.exitCode = 1;
}
