import type { Settings } from "../contracts/settings/settings.ts";
import { accountEmail, PERSONALIZE } from "../contracts/google-names.ts";
import { Problem } from "../contracts/problem.ts";
import { BreakerOpen } from "../day/breaker.ts";
import { CallFailed, mayPass } from "../day/calls.ts";
import { boundsOf, computeList, type Computing } from "../day/compute-list.ts";
import type { Personalizer, PersonalLists } from "../day/personal-lists.ts";
import { guardsByShop } from "./guards.ts";
import { Later, type Endpoint } from "./handler.ts";
import { Opened } from "./opened.ts";
import { PersonalizeRequest } from "./requests.ts";

const EVENT = "personal list";

/**
 * Computes a user's list, as the recommender does itself on one machine. What may pass goes back to
 * the queue, which bounds the attempts. What fails for good is dropped: the next request makes
 * another task.
 */
export const personalizeEndpoint: Endpoint<typeof PersonalizeRequest> = {
  name: PERSONALIZE,
  schema: PersonalizeRequest,
  callers: (env) => [accountEmail("personal-tasks", env["STEAMER_PROJECT"] ?? "")],
  problems: "drop",
  failure: { event: EVENT, outcome: "failed" },
  settingsSeconds: 5,
  async work({ body: task, settings, log }) {
    const startedAt = performance.now();
    const calls: string[] = [];
    const told = () => ({ event: EVENT, calls, ms: Math.round(performance.now() - startedAt) }) as const;
    const computing = { ...(await computingFor(settings)), called: (status: string) => calls.push(status) };
    try {
      const outcome = await computeList(task, computing);
      log("INFO", "a personal list", { ...told(), outcome });
      return { outcome };
    } catch (error) {
      const why = (error as Error).message;
      const outcome = error instanceof BreakerOpen ? "refused" : "failed";
      if (comesAgain(error)) throw new Later(`no personal list yet: ${why}`, { ...told(), outcome });
      const status = error instanceof CallFailed ? error.status : undefined;
      log("ERROR", `no personal list: ${why}`, { ...told(), outcome, status });
      return { outcome };
    }
  },
};

/** Errors of the store may pass too. */
const comesAgain = (error: unknown) => !(error instanceof CallFailed) || mayPass(error);

const guardOf = guardsByShop();
const clients = new Opened<{ lists: PersonalLists; personalizer: Personalizer }>();

async function computingFor(settings: Settings): Promise<Omit<Computing, "called">> {
  const { shop, "personal.breakMs": breakMs, "personal.retries": retries } = settings;
  return {
    ...guardOf(shop, { breakMs, retries }),
    ...(await clientsFor(settings)),
    bounds: boundsOf(settings),
    now: Date.now,
    // A recommender still serves the model of its tasks. A list of another is kept for less long.
    currentModel: () => undefined,
    comesAgain,
    retrying: () => {},
  };
}

/** Connections are kept, and shared by all shops that have the same Personalizer. */
function clientsFor(settings: Settings) {
  const { "personal.address": address, "personal.auth": auth } = settings;
  if (address === undefined) {
    const next =
      "deploy the shop; if another one's recommender serves it, deploy.servedBy names that one, and its nights make factors";
    throw new Problem({ doing: "Computing a personal list", why: "no Personalizer is named", next });
  }
  return clients.get(`${auth} ${address}`, () => openClients(settings, address));
}

async function openClients(settings: Settings, address: string) {
  const [{ openDatastoreLists }, { openPersonalizer }] = await Promise.all([
    import("../adapters/gcp/personal/lists.ts"),
    import("../adapters/grpc/personalizer-client.ts"),
  ]);
  // The task's line in the log tells of failures.
  const options = { cacheMs: settings["personal.cacheMs"], failed: () => {} };
  const lists = await openDatastoreLists(settings, options);
  return { lists, personalizer: openPersonalizer(address, settings["personal.auth"]) };
}
