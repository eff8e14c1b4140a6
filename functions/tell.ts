import type { Manifest } from "../contracts/manifest.ts";
import { FELL } from "../night/publish/fallen.ts";
import type { Taken } from "../night/run/chain.ts";
import type { Log } from "./log.ts";

/** Logs what a look at a stage has found. Alarms wait for some lines: see infra/policies.ts. */
export function tell(log: Log, taken: Taken): void {
  if (taken.outcome !== "taken") return log("INFO", `nothing to do: ${taken.outcome}`);
  const { step, manifest } = taken;
  const { stage, attempt } = step;
  const fields = { stage, attempt };
  if (step.state === "running") {
    const message = step.started
      ? `${stage} has started`
      : `${stage} is running, ${Math.round(100 * step.progress)} %`;
    return log("INFO", message, fields);
  }
  if (step.state === "done") {
    const event = step.metrics["publication"] === "published" ? ({ event: "published" } as const) : {};
    const { metrics, warnings = [] } = step;
    log("INFO", `${stage} is done`, { ...fields, ...event, metrics, warnings });
    if (metrics["fell"] === true)
      log("ERROR", qualityFell(manifest, warnings), { ...fields, event: "quality fell" });
    return;
  }
  const { warnings, cancel } = manifest;
  // The operator who cancelled it knows already.
  if (cancel !== undefined)
    return log("WARNING", `${stage} was cancelled: ${cancel}`, { ...fields, warnings });
  if (manifest.state === "failed") {
    const event = { event: "night failed", warnings } as const;
    return log("ERROR", nightFailed(manifest, step.reason), { ...fields, ...event });
  }
  log("WARNING", `${stage} failed, and is tried again. ${step.reason}`, fields);
}

const qualityFell = ({ run, shop }: Manifest, warnings: readonly string[]) =>
  `Night ${run} of ${shop}: ${warnings.find((text) => text.startsWith(FELL)) ?? FELL}`;

const nightFailed = ({ run, shop }: Manifest, reason: string) =>
  `Night ${run} of ${shop} has failed; the old model goes on serving. ${reason}`;
