import { accountEmail } from "../contracts/google-names.ts";
import type { Manifest, StageName } from "../contracts/manifest.ts";
import { Problem } from "../contracts/problem.ts";
import { cloudNight, cloudQueue } from "../adapters/gcp/night.ts";
import { FELL } from "../night/publish/fallen.ts";
import { takeLook, type Taken } from "../night/run/chain.ts";
import type { Endpoint } from "./handler.ts";
import type { Log } from "./log.ts";
import { LookRequest } from "./requests.ts";

/** The function of a stage: it starts its job or looks at it, and asks for the next look. */
export const stageEndpoint = (name: StageName): Endpoint<typeof LookRequest> => ({
  name,
  schema: LookRequest,
  callers: (env) => [accountEmail("tasks", env["STEAMER_PROJECT"] ?? "")],
  problems: "drop",
  failure: { event: "night failed" },
  async work({ body, settings, log }) {
    if (body.stage !== name) throw misdirected(name, body.stage);
    const taken = await takeLook(await cloudNight(settings), await cloudQueue(settings), body);
    tell(log, taken);
    return taken.outcome === "taken" ? { outcome: taken.outcome, state: taken.step.state } : taken;
  },
});

/** Each function has the rights of its stage alone. */
function misdirected(name: StageName, stage: StageName): Problem {
  const next = "look who enqueues it: Steamer sends each look to the function of its stage";
  return new Problem({ doing: `Looking at ${stage}`, why: `this is the function of ${name}`, next });
}

function tell(log: Log, taken: Taken): void {
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
    const { metrics, warnings } = step;
    log("INFO", `${stage} is done`, { ...fields, ...event, metrics, warnings });
    if (metrics["fell"] === true) log("ERROR", qualityFell(manifest), { ...fields, event: "quality fell" });
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

const qualityFell = ({ run, shop, warnings }: Manifest) =>
  `Night ${run} of ${shop}: ${warnings.find((text) => text.startsWith(FELL)) ?? FELL}`;

const nightFailed = ({ run, shop }: Manifest, reason: string) =>
  `Night ${run} of ${shop} has failed; the old model goes on serving. ${reason}`;
