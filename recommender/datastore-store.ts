import type { ItemNeighbours, NeighbourEntities, PopularItems } from "../adapters/gcp/datastore.ts";
import { createRecommender, type AnswerOptions } from "../core/answer.ts";
import { lookedUpModel } from "./looked-up-model.ts";
import { RecentlyUsed } from "./recently-used.ts";
import type { Store } from "./store.ts";

/** How long a customer waits for Datastore before seeing popular items. */
const DEADLINE_MS = 200;

/** Items of the current model kept in memory: 26 MB with 50 neighbours each, whose ids have 12 characters. */
const CACHED_ITEMS = 10_000;

/**
 * Models in Datastore: a request costs one lookup of those of its items that are not in memory. While Datastore fails
 * or is too slow, these have no neighbours, and popular items fill the answer.
 */
export function datastoreStore(
  entities: NeighbourEntities,
  options: AnswerOptions,
  deadlineMs = DEADLINE_MS,
): Store {
  let lookups = { made: 0, failed: 0, error: undefined as unknown };

  /** Null stands for an item that the model does not have. */
  async function lookUp(model: string, items: string[]): Promise<Map<string, ItemNeighbours | null>> {
    lookups.made++;
    try {
      const found = await entities.neighbours(model, items, deadlineMs);
      return new Map(items.map((item) => [item, found.get(item) ?? null]));
    } catch (error) {
      lookups.failed++;
      lookups.error = error;
      return new Map();
    }
  }

  return {
    async load(model) {
      const popular = await entities.popular(model);
      const cache = new RecentlyUsed<ItemNeighbours | null>(CACHED_ITEMS);

      async function neighboursOf(items: string[]): Promise<Map<string, ItemNeighbours>> {
        const known = new Map(items.map((item) => [item, cache.get(item)]));
        const unknown = items.filter((item) => known.get(item) === undefined);
        const fetched = unknown.length > 0 ? await lookUp(model, unknown) : [];
        for (const [item, entity] of fetched) {
          cache.set(item, entity);
          known.set(item, entity);
        }
        const found = new Map<string, ItemNeighbours>();
        // What Datastore has not answered has no neighbours; but nobody is told that it is missing.
        for (const [item, neighbours = NONE] of known) if (neighbours) found.set(item, neighbours);
        return found;
      }

      return {
        async recommend(query, blocked) {
          const items = [...new Set([...query.browsed, ...query.basket, ...query.purchased])];
          const found = await neighboursOf(items);
          const part = lookedUpModel(found, mostPopular(popular, query.n + items.length, blocked));
          const isBlocked = { has: (row: number) => blocked.has(part.idOf(row)) };
          return createRecommender(part, model, options)(query, blocked.size > 0 ? isBlocked : undefined);
        },
        nameOf: () => null,
      };
    },

    trouble() {
      const { made, failed, error } = lookups;
      lookups = { made: 0, failed: 0, error: undefined };
      if (failed === 0) return null;
      const message = `${failed} of ${made} lookups in Datastore failed: popular items filled their answers`;
      return new Error(message, { cause: error });
    },
  };
}

const NONE: ItemNeighbours = { items: [], scores: [] };

/**
 * The first popular items that may be shown. An answer passes over at most the items of its query, so that
 * `POPULAR_ITEMS` (1,000) fill the longest one (600 ids, 100 results) unless more than 300 popular items are blocked.
 */
function mostPopular(
  { popular, users }: PopularItems,
  length: number,
  blocked: ReadonlySet<string>,
): PopularItems {
  const shown = popular.map((_, k) => k);
  const allowed = blocked.size > 0 ? shown.filter((k) => !blocked.has(popular[k])) : shown;
  const first = allowed.slice(0, length);
  return { popular: first.map((k) => popular[k]), users: first.map((k) => users[k]) };
}
