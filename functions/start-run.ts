import { accountEmail } from "../contracts/google-names.ts";
import { cloudNight, cloudQueue, completeDaysOf } from "../adapters/gcp/night.ts";
import { packageVersion } from "../adapters/version.ts";
import type { Settings } from "../contracts/settings/settings.ts";
import { modelAgeHours } from "../night/state/model-age.ts";
import { startRun, type Started } from "../night/run/start-run.ts";
import type { Endpoint } from "./handler.ts";
import type { Log } from "./log.ts";
import { StartRunRequest } from "./requests.ts";

/**
 * Cloud Scheduler calls this every hour of the night. Any number of calls have the effect of one.
 */
export const startRunEndpoint: Endpoint<typeof StartRunRequest> = {
  name: "start-run",
  schema: StartRunRequest,
  callers: (env) => [accountEmail("scheduler", env["STEAMER_PROJECT"] ?? "")],
  problems: "show",
  failure: { event: "night failed" },
  work: ({ settings, log }) => start(settings, log),
};

/** Starts the night if it is time, and reports the serving model's age. */
export async function start(settings: Settings, log: Log): Promise<Started> {
  const night = await cloudNight(settings);
  const ageHours = await modelAgeHours(night.objects, settings, night.now());
  if (ageHours !== null) log("INFO", "model age", { event: "model age", ageHours });
  const versions = { steamer: packageVersion(), node: process.version };
  const started = await startRun(night, await cloudQueue(settings), await completeDaysOf(settings), versions);
  const { outcome, message, run, alarming } = started;
  const fields = { outcome, ...(run ? { run } : {}) };
  if (alarming) log("ERROR", message, { ...fields, event: "night failed" });
  else log(outcome === "revived" || outcome === "failed" ? "WARNING" : "INFO", message, fields);
  return started;
}
