/** The container's entry: settings come from the environment, logs go to Cloud Logging. */
import { pino } from "pino";
import { openObjects } from "../adapters/storage/choose.ts";
import { readSettings } from "../adapters/settings.ts";
import { areSeveral } from "../serving/follow-shops.ts";
import { cloudLog } from "../serving/cloud-log.ts";
import { servePersonalizer } from "./server.ts";
import { closeOnSignals } from "../serving/grpc/signals.ts";

try {
  const port = Number(process.env["PORT"] ?? 8080);
  const settings = readSettings({
    file: { path: "none", values: {} },
    defaults: { "personalizer.host": "0.0.0.0", "personalizer.port": port },
  });
  const log = pino(cloudLog(areSeveral(settings) ? {} : { shop: settings.shop }));
  closeOnSignals(await servePersonalizer({ settings, objects: await openObjects(settings), log }));
} catch (error) {
  console.log(JSON.stringify({ severity: "CRITICAL", message: (error as Error).message }));
  process.exitCode = 1;
}
