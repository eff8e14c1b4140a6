import {
  createRanker,
  type AnswerOptions,
  type Query,
  type Ranking,
  type Rows,
} from "../../../core/ranking/ranker.ts";
import { MOST_LOOKED_UP, type ItemStore, type StoredItem } from "../../../night/state/item-store.ts";
import { byName, matcher } from "../listing.ts";
import { LookupLog, rememberedItems } from "./lookups.ts";
import { lookedUpModel, type PopularItem } from "./looked-up-model.ts";
import { popularChoice } from "./popular-choice.ts";
import { Refusal } from "../../http/errors.ts";
import type { Ranked, Store, StoredModel } from "../store.ts";

/** With a filter, so many candidates for each result are looked up first; then as many as one lookup can have. */
const OVER_FETCH = 5;

/**
 * Models in Datastore: a request costs one lookup of those of its items that are not in memory, and with a filter
 * one or two of candidates. While Datastore fails, or takes longer than `lookupMs` for all lookups of a request together, these have
 * no neighbours, and popular items fill the answer.
 */
export function datastoreStore(store: ItemStore, options: AnswerOptions, lookupMs: number): Store {
  const log = new LookupLog();

  async function load(model: string): Promise<StoredModel> {
    const { items, popular: ids, users } = await store.popularOf(model);
    const described = ids.length > 0 ? await store.itemsOf(model, ids) : new Map<string, StoredItem>();
    const popular = ids.map((item, k): PopularItem => ({
      item,
      users: users[k],
      stored: described.get(item),
    }));
    const choose = popularChoice(popular);
    const itemsOf = rememberedItems(store, model, log);

    async function rank(query: Query, blocked: ReadonlySet<string>): Promise<Ranked> {
      const endsAt = performance.now() + lookupMs;
      const ids = [...new Set([...query.browsed, ...query.basket, ...query.purchased])];
      const { found, unanswered } = await itemsOf(ids, lookupMs);
      const part = lookedUpModel(
        { query: found, popular: choose(query, found, blocked) },
        query.scenario ?? "similar",
      );
      const rankPart = createRanker(part, options);
      const rankOf = (query: Query, isOut: Rows) => rankPart([query], isOut)[0];
      const isBlocked = { has: (row: number) => blocked.has(part.idOf(row)) };
      let ranking: Ranking;
      if (!query.filter && query.maxPerCategory === undefined) ranking = rankOf(query, isBlocked);
      else {
        const isOut = { has: (row: number) => !part.isDescribed(row) || isBlocked.has(row) };
        for (const n of [OVER_FETCH * query.n, MOST_LOOKED_UP]) {
          const { results } = rankOf(
            { ...query, n, filter: undefined, maxPerCategory: undefined },
            isBlocked,
          );
          const candidates = results
            .filter(({ source }) => source === "model")
            .map(({ row }) => part.idOf(row));
          part.describe(await describedItems(candidates, endsAt - performance.now()));
          ranking = rankOf(query, isOut);
          if (candidates.length < n || isFull(ranking, query.n)) break;
        }
      }
      const { results, missingIds } = ranking!;
      return { results, missingIds: missingIds.filter((id) => !unanswered.includes(id)), ids: part };
    }

    /** Items that were found; popular ones need no lookup. */
    async function describedItems(
      items: readonly string[],
      deadlineMs: number,
    ): Promise<Map<string, StoredItem>> {
      const others = items.filter((item) => !described.has(item));
      const { found } = await itemsOf(others, deadlineMs);
      for (const item of items) if (described.has(item)) found.set(item, described.get(item)!);
      return found;
    }

    return {
      items,
      isConstant: false,
      rank: (queries, blocked) => queries.map((query) => rank(query, blocked)),

      async neighbours(item, scenario) {
        const { found, unanswered } = await itemsOf([item], lookupMs);
        if (unanswered.length > 0) throw new Refusal(503, OUT_OF_REACH, { "retry-after": "1" });
        const stored = found.get(item);
        if (!stored) return null;
        const { items, scores } = stored.lists[scenario];
        return items.map((item, k) => ({ item, score: scores[k] }));
      },

      async describe(items) {
        const found = await describedItems(items, lookupMs);
        return new Map([...found].map(([item, stored]) => [item, details(stored)]));
      },

      async list({ category, search, n }) {
        const fits = matcher(search);
        const inCategory = popular.filter(
          ({ stored }) => category === undefined || stored?.category === category,
        );
        const found = inCategory.filter(({ item, stored }) => fits(item, () => stored?.name ?? null));
        return found.slice(0, n).map(({ item }) => item);
      },

      categories() {
        const groups = Map.groupBy(popular, ({ stored }) => stored?.category ?? null);
        const named = [...groups].flatMap(([category, { length: items }]) =>
          category === null ? [] : [{ category, items }],
        );
        return named.sort(byName);
      },
    };
  }

  return { name: "datastore", load, lookups: () => log, trouble: () => log.trouble() };
}

const OUT_OF_REACH = "Datastore did not answer: try again, or ask /make_recommendation, which always answers";

const isFull = ({ results }: Ranking, n: number) =>
  results.filter(({ source }) => source === "model").length >= n;

const details = ({ name, category, price, available }: StoredItem) => ({ name, category, price, available });
