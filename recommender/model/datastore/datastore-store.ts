import { answersFrom } from "../../../contracts/settings/query.ts";
import type { AnswerOptions } from "../../../core/ranking/ranker.ts";
import type { ItemStore } from "../../../night/state/item-store.ts";
import type { Store } from "../store.ts";
import { openDatastoreModel } from "./datastore-model.ts";
import { LookupLog } from "./lookups.ts";

/**
 * Models in Datastore. A request costs one lookup of those of its items that are not in memory, and
 * with a filter one or two of candidates. While Datastore fails, or takes longer than `lookupMs`
 * for all lookups of a request together, these have no neighbours, and popular items fill the
 * answer.
 */
export function datastoreStore(store: ItemStore, options: AnswerOptions, lookupMs: number): Store {
  const log = new LookupLog();
  return {
    name: "datastore",
    load: (model, answers = {}) =>
      openDatastoreModel(store, model, { ...answersFrom(options, answers), lookupMs }, log),
    lookups: () => log,
    trouble: () => log.trouble(),
  };
}
