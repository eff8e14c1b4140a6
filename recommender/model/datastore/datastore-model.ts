import {
  createRanker,
  type AnswerOptions,
  type Query,
  type Ranking,
  type Rows,
} from "../../../core/ranking/ranker.ts";
import {
  MOST_LOOKED_UP,
  type ItemStore,
  type PopularItems,
  type StoredItem,
} from "../../../night/state/item-store.ts";
import type { ItemDetails } from "../../../contracts/http/catalogue.ts";
import { pushedSince, type PushedStock } from "../../../core/model/pushed-stock.ts";
import { inSlices } from "../../../serving/slices.ts";
import { Refusal } from "../../http/errors.ts";
import { UNKNOWN, withFields } from "../result-fields.ts";
import { byName, matcher, type CategoryCount, type Listing } from "../listing.ts";
import type { Neighbour, Ranked, RanksLater, StoredModel } from "../store.ts";
import { MAIN_TABLE, type TableName } from "../../../contracts/tables.ts";
import { rememberedItems, type LookupLog } from "./lookups.ts";
import { lookedUpModel, type PartOfModel } from "./looked-up-model.ts";
import { changed, currentOf, type Current } from "./current-items.ts";

/**
 * With a filter, so many candidates for each result are looked up first; then as many as one lookup
 * can have.
 */
const OVER_FETCH = 5;

/**
 * The choices that a shop has made, and the time that all lookups of a request may take together.
 */
export interface LookupOptions extends AnswerOptions {
  lookupMs: number;
}

/**
 * Opens a model: its popular items are kept in memory, the others are looked up when they are asked
 * for.
 */
export async function openDatastoreModel(
  store: ItemStore,
  model: string,
  options: LookupOptions,
  log: LookupLog,
): Promise<StoredModel> {
  const popular = await store.popularOf(model);
  const described =
    popular.popular.length > 0 ? await store.itemsOf(model, popular.popular) : new Map<string, StoredItem>();
  return new DatastoreModel(popular, described, rememberedItems(store, model, log), options);
}

class DatastoreModel implements StoredModel {
  readonly items: number;
  readonly #listed: PopularItems;
  readonly #stored: ReadonlyMap<string, StoredItem>;
  readonly #lookUp: ReturnType<typeof rememberedItems>;
  readonly #options: LookupOptions;
  #current: Current;

  constructor(
    listed: PopularItems,
    stored: ReadonlyMap<string, StoredItem>,
    lookUp: ReturnType<typeof rememberedItems>,
    options: LookupOptions,
  ) {
    this.items = listed.items;
    this.#listed = listed;
    this.#stored = stored;
    this.#lookUp = lookUp;
    this.#options = options;
    this.#current = currentOf(listed, stored, new Map());
  }

  async restock(pushed: PushedStock | null, readAt: number): Promise<void> {
    const newer = await inSlices.run(pushedSince(pushed ?? [], readAt));
    this.#current = currentOf(this.#listed, this.#stored, newer);
  }

  rankingWithout(blocked: () => ReadonlySet<string>): RanksLater {
    return { when: "later", rank: (query) => this.#rank(query, blocked()) };
  }

  async neighbours(item: string, scenario: TableName): Promise<Neighbour[] | null> {
    const { found, unanswered } = await this.#itemsOf([item], this.#options.lookupMs);
    if (unanswered.length > 0) throw new Refusal(503, OUT_OF_REACH, { "retry-after": "1" });
    const stored = found.get(item);
    if (!stored) return null;
    const { items, scores } = stored.lists[scenario];
    return items.map((item, k) => ({ item, score: scores[k] }));
  }

  async describe(items: readonly string[]) {
    const found = await this.#describedItems(items, this.#options.lookupMs);
    return new Map([...found].map(([item, stored]) => [item, details(stored)]));
  }

  async presentable(items: readonly string[], out: ReadonlySet<string>): Promise<string[]> {
    const others = items.filter((item) => !out.has(item));
    if (!this.#current.knowsStock) return others;
    const found = await this.#describedItems(others, this.#options.lookupMs);
    return others.filter((item) => found.get(item)?.available !== false);
  }

  async list({ category, search, n }: Listing): Promise<string[]> {
    const fits = matcher(search);
    const inCategory = this.#current.popular.filter(
      ({ stored }) => category === undefined || stored?.category === category,
    );
    const found = inCategory.filter(({ item, stored }) => fits(item, () => stored?.name ?? null));
    return found.slice(0, n).map(({ item }) => item);
  }

  hasScope(): boolean {
    return false;
  }

  categories(): CategoryCount[] {
    const groups = Map.groupBy(this.#current.popular, ({ stored }) => stored?.category ?? null);
    const named = [...groups].flatMap(([category, { length: items }]) =>
      category === null ? [] : [{ category, items }],
    );
    return named.sort(byName);
  }

  /** Items as they were looked up, with what was pushed since. */
  async #itemsOf(items: readonly string[], deadlineMs: number) {
    const { found, unanswered } = await this.#lookUp(items, deadlineMs);
    return { found: changed(found, this.#current.newer), unanswered };
  }

  async #rank(query: Query, blocked: ReadonlySet<string>): Promise<Ranked> {
    const endsAt = performance.now() + this.#options.lookupMs;
    const ids = [...new Set([...query.browsed, ...query.basket, ...query.purchased])];
    const { found, unanswered } = await this.#itemsOf(ids, this.#options.lookupMs);
    const popular = this.#current.choose(query, found, blocked);
    const part = lookedUpModel({ query: found, popular }, query.scenario ?? MAIN_TABLE);
    const rankPart = createRanker(part, this.#options);
    const isBlocked: Rows = { has: (row) => blocked.has(part.idOf(row)) };
    const rankOf: RankOne = (one, blocked) => rankPart([one], { blocked })[0];
    const needsAttributes =
      this.#current.knowsStock || query.filter !== undefined || query.maxPerCategory !== undefined;
    const ranking = needsAttributes
      ? await this.#rankFiltered(query, part, rankOf, isBlocked, endsAt)
      : rankOf(query, isBlocked);
    const missingIds = ranking.missingIds.filter((id) => !unanswered.includes(id));
    const ranked = { ...ranking, missingIds, ids: part };
    if (!query.fields) return ranked;
    const results = ranking.results.map(({ row }) => part.idOf(row));
    const described = await this.#describedItems(results, endsAt - performance.now());
    return withFields(ranked, query.fields, (row) => described.get(part.idOf(row)) ?? UNKNOWN);
  }

  /**
   * Ranks among few candidates, whose attributes are looked up; among more if these do not fill the
   * answer.
   */
  async #rankFiltered(
    query: Query,
    part: PartOfModel,
    rankOf: RankOne,
    isBlocked: Rows,
    endsAt: number,
  ): Promise<Ranking> {
    const isOut: Rows = { has: (row) => !part.isDescribed(row) || isBlocked.has(row) };
    const rankAmong = async (n: number) => {
      const unfiltered = { ...query, n, filter: undefined, maxPerCategory: undefined };
      const candidates = fromModel(rankOf(unfiltered, isBlocked)).map(({ row }) => part.idOf(row));
      part.describe(await this.#describedItems(candidates, endsAt - performance.now()));
      const ranking = rankOf(query, isOut);
      return { ranking, isFinal: candidates.length < n || fromModel(ranking).length >= query.n };
    };
    const { ranking, isFinal } = await rankAmong(OVER_FETCH * query.n);
    return isFinal ? ranking : (await rankAmong(MOST_LOOKED_UP)).ranking;
  }

  /** Items that were found; popular ones need no lookup. */
  async #describedItems(items: readonly string[], deadlineMs: number): Promise<Map<string, StoredItem>> {
    const { described } = this.#current;
    const others = items.filter((item) => !described.has(item));
    const { found } = await this.#itemsOf(others, deadlineMs);
    for (const item of items) if (described.has(item)) found.set(item, described.get(item)!);
    return found;
  }
}

/** Ranks one query, without the rows that are out. */
type RankOne = (query: Query, isOut: Rows) => Ranking;

const OUT_OF_REACH = "Datastore did not answer: try again, or ask /make_recommendation, which always answers";

const fromModel = ({ results }: Ranking) => results.filter(({ source }) => source === "model");

const details = ({ lists: _, ...others }: StoredItem): ItemDetails => others;
