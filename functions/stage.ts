import { accountEmail } from "../contracts/google-names.ts";
import type { StageName } from "../contracts/manifest.ts";
import { Problem } from "../contracts/problem.ts";
import { cloudNight, cloudQueue } from "../adapters/gcp/night.ts";
import { takeLook } from "../night/run/chain.ts";
import type { Endpoint } from "./handler.ts";
import { LookRequest } from "./requests.ts";
import { tell } from "./tell.ts";

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
