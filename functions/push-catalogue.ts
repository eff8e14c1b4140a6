import { pushCatalogue } from "../adapters/push-catalogue.ts";
import { openObjects } from "../adapters/storage/choose.ts";
import { accountEmail, PUSH_CATALOGUE } from "../contracts/google-names.ts";
import { Problem } from "../contracts/problem.ts";
import type { Endpoint } from "./handler.ts";
import { PushCatalogueRequest } from "./requests.ts";

const EVENT = "catalogue pushed";

/** Pushes availability and prices of the shop's catalogue, as `steamer catalogue push` does. */
export const pushCatalogueEndpoint: Endpoint<typeof PushCatalogueRequest> = {
  name: PUSH_CATALOGUE,
  schema: PushCatalogueRequest,
  callers: (env) => [accountEmail("scheduler", env["STEAMER_PROJECT"] ?? "")],
  problems: "show",
  failure: { event: EVENT, outcome: "failed" },
  async work({ settings, log }) {
    const { catalogue } = settings;
    if (catalogue === undefined) throw noCatalogue(settings.shop);
    const { metrics, model, known } = await pushCatalogue(settings, await openObjects(settings), catalogue);
    const { items, available, soldOut, faults } = metrics;
    const pushed = { items, available, soldOut, faults, known: known?.items };
    log("INFO", `${items} items are pushed`, { event: EVENT, outcome: "done", model, ...pushed });
    return pushed;
  },
};

function noCatalogue(shop: string): Problem {
  const next = "set steamer.catalogue, or leave deploy.catalogueSchedule out, and deploy the shop again";
  return new Problem({ doing: `Pushing the catalogue of ${shop}`, why: "it has none", next });
}
