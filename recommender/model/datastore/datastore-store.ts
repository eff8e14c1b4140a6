import type { ItemEntity, NeighbourEntities } from "../../../adapters/gcp/datastore.ts";
import {
  createRanker,
  type AnswerOptions,
  type Query,
  type Ranking,
  type Rows,
} from "../../../core/ranking/ranker.ts";
import { byName, matcher } from "../listing.ts";
import { LookupLog, rememberedItems } from "./lookups.ts";
import { listOf, lookedUpModel, type PopularItem } from "./looked-up-model.ts";
import { popularChoice } from "./popular-choice.ts";
import { Refusal } from "../../http/errors.ts";
import type { Ranked, Store, StoredModel } from "../store.ts";

/** With a filter, so many candidates for each result are looked up first; then as many as one lookup can have. */
const OVER_FETCH = 5;
const MOST_CANDIDATES = 1000;

/**
 * Models in Datastore: a request costs one lookup of those of its items that are not in memory, and with a filter
 * one or two of candidates. While Datastore fails, or takes longer than `lookupMs` for all lookups of a request together, these have
 * no neighbours, and popular items fill the answer.
 */
export function datastoreStore(entities: NeighbourEntities, options: AnswerOptions, lookupMs: number): Store {
  const log = new LookupLog();

  async function load(model: string): Promise<StoredModel> {
    const { items, popular: ids, users } = await entities.popular(model);
    const described = ids.length > 0 ? await entities.neighbours(model, ids) : new Map<string, ItemEntity>();
    const popular = ids.map((item, k): PopularItem => ({
      item,
      users: users[k],
      entity: described.get(item),
    }));
    const choose = popularChoice(popular);
    const itemsOf = rememberedItems(entities, model, log);

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
        for (const n of [OVER_FETCH * query.n, MOST_CANDIDATES]) {
          const { results } = rankOf(
            { ...query, n, filter: undefined, maxPerCategory: undefined },
            isBlocked,
          );
          const candidates = results
            .filter(({ source }) => source === "model")
            .map(({ row }) => part.idOf(row));
          part.describe(await entitiesOf(candidates, endsAt - performance.now()));
          ranking = rankOf(query, isOut);
          if (candidates.length < n || isFull(ranking, query.n)) break;
        }
      }
      const { results, missingIds } = ranking!;
      return { results, missingIds: missingIds.filter((id) => !unanswered.includes(id)), ids: part };
    }

    /** Items that were found; popular ones need no lookup. */
    async function entitiesOf(
      items: readonly string[],
      deadlineMs: number,
    ): Promise<Map<string, ItemEntity>> {
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
        const entity = found.get(item);
        if (!entity) return null;
        const { items, scores } = listOf(entity, scenario);
        return items.map((item, k) => ({ item, score: scores[k] }));
      },

      async describe(items) {
        const found = await entitiesOf(items, lookupMs);
        return new Map([...found].map(([item, entity]) => [item, details(entity)]));
      },

      async list({ category, search, n }) {
        const fits = matcher(search);
        const inCategory = popular.filter(
          ({ entity }) => category === undefined || entity?.category === category,
        );
        const found = inCategory.filter(({ item, entity }) => fits(item, () => entity?.name ?? null));
        return found.slice(0, n).map(({ item }) => item);
      },

      categories() {
        const groups = Map.groupBy(popular, ({ entity }) => entity?.category ?? null);
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

const details = ({ name, category, price, available }: ItemEntity) => ({ name, category, price, available });
