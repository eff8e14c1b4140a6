import type { ItemStore, StoredItem } from "../../../night/state/item-store.ts";
import { RecentlyUsed } from "../../recently-used.ts";

/**
 * Items of the current model kept in memory. They take 26 MB with 50 neighbours in each table and
 * ids of 12 characters.
 */
const CACHED_ITEMS = 5_000;

/** Counts lookups, and keeps the last error. */
export class LookupLog {
  made = 0;
  failed = 0;
  #reported = { made: 0, failed: 0 };
  #error: unknown;

  failedWith(error: unknown): void {
    this.failed++;
    this.#error = error;
  }

  /** The lookups that failed since the last call. */
  trouble(): Error | null {
    const [made, failed] = [this.made - this.#reported.made, this.failed - this.#reported.failed];
    this.#reported = { made: this.made, failed: this.failed };
    if (failed === 0) return null;
    const message = `${failed} of ${made} lookups in Datastore failed: popular items filled their answers`;
    return new Error(message, { cause: this.#error });
  }
}

/**
 * The items of a model, looked up in one call and remembered. What Datastore does not answer in
 * time is left out of both lists: nobody is told that it is missing.
 */
export function rememberedItems(store: ItemStore, model: string, log: LookupLog) {
  const cache = new RecentlyUsed<StoredItem | null>(CACHED_ITEMS);

  async function lookUp(items: string[], deadlineMs: number): Promise<Map<string, StoredItem | null>> {
    if (items.length === 0 || deadlineMs <= 0) return new Map();
    log.made++;
    try {
      const found = await store.itemsOf(model, items, deadlineMs);
      return new Map(items.map((item) => [item, found.get(item) ?? null]));
    } catch (error) {
      log.failedWith(error);
      return new Map();
    }
  }

  return async function itemsOf(items: readonly string[], deadlineMs: number) {
    // Half a surrogate pair has no UTF-8. No id has one, and Datastore would refuse the whole
    // lookup.
    const known = new Map(items.map((item) => [item, item.isWellFormed() ? cache.get(item) : null]));
    const unknown = [...known.keys()].filter((item) => known.get(item) === undefined);
    for (const [item, stored] of await lookUp(unknown, deadlineMs)) {
      cache.set(item, stored);
      known.set(item, stored);
    }
    const found = new Map<string, StoredItem>();
    const unanswered: string[] = [];
    for (const [item, stored] of known) {
      if (stored) found.set(item, stored);
      else if (stored === undefined) unanswered.push(item);
    }
    return { found, unanswered };
  };
}
