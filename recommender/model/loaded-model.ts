import { namedAnswer, type Answer, type Query } from "../../core/ranking/answer.ts";
import type { MadeWith } from "../../night/state/model-file.ts";
import type { FollowedStock } from "../../serving/pushed-stock.ts";
import { Refusal } from "../http/errors.ts";
import type { RanksLater, RanksNow, Store, StoredModel } from "./store.ts";

/** A model that is ready to answer, without the items that are taken down. */
export interface LoadedModel extends Pick<
  StoredModel,
  "items" | "describe" | "presentable" | "list" | "hasScope" | "categories" | "neighbours"
> {
  name: string;
  store: Store["name"];
  /** Names what was pushed of availability and prices, and counts now. */
  stock(): string;
  /** Takes up what was pushed, if it is new. */
  restock(followed: Pick<FollowedStock, "name" | "pushed">): Promise<void>;
  loadedAt: Date;
  /** False: its night made no factors, so a Personalizer has no lists of it. */
  hasFactors: boolean;
  /** The items that are taken down now. */
  blocked(): ReadonlySet<string>;
  ranking: RanksNow | RanksLater;
}

/**
 * Loads a model of a store. Items that are blocked, now or later, are left out of all that it says.
 */
export async function loadModel(
  store: Store,
  { name, hasFactors, readAt, answers }: Pick<LoadedModel, "name"> & MadeWith,
  blocked: () => ReadonlySet<string>,
): Promise<LoadedModel> {
  const model = await store.load(name, answers);
  let stock = "";
  return {
    name,
    hasFactors,
    store: store.name,
    loadedAt: new Date(),
    items: model.items,
    stock: () => stock,
    async restock({ name, pushed }) {
      if (name === stock) return;
      await model.restock(pushed, readAt);
      stock = name;
    },
    blocked,
    ranking: model.rankingWithout(blocked),
    describe: (ids) => model.describe(ids),
    presentable: (ids, out) => model.presentable(ids, out),
    hasScope: (scope) => model.hasScope(scope),
    categories: () => model.categories(),
    async list(listing) {
      const found = await model.list({ ...listing, n: listing.n + blocked().size });
      return found.filter((item) => !blocked().has(item)).slice(0, listing.n);
    },
    async neighbours(item, scenario) {
      const found = await model.neighbours(item, scenario);
      return found?.filter((neighbour) => !blocked().has(neighbour.item)) ?? null;
    },
  };
}

/**
 * Answers one query. The storefront's requests are answered in batches, see
 * recommend/recommendation-routes.ts.
 */
export async function recommend(
  { name, ranking }: Pick<LoadedModel, "name" | "ranking">,
  query: Query,
): Promise<Answer> {
  const ranked = ranking.when === "now" ? ranking.rank([query])[0] : await ranking.rank(query);
  return namedAnswer(ranked, name, ranked.ids.idOf);
}

/** The part of a query that asks for a scope: the whole shop, a category, or a scope of users. */
export function inScope(
  model: Pick<LoadedModel, "hasScope">,
  scope: string,
): Pick<Query, "scope" | "filter"> {
  if (scope === "") return {};
  return model.hasScope(scope) ? { scope } : { filter: { category: scope } };
}

/** @throws Refusal for a scope of which the model has no item. */
export async function refuseUnknownScope(model: LoadedModel, scope: string): Promise<void> {
  if (model.hasScope(scope) || (await model.list({ category: scope, n: 1 })).length > 0) return;
  const why =
    "a scope is a category of the catalogue, or a value of the attribute that ga4Scope or map names";
  throw new Refusal(404, `the model knows no item of this scope: ${why}`);
}
