import { namedAnswer, type Answer, type Query } from "../../core/ranking/answer.ts";
import type { Ranked, Store, StoredModel } from "./store.ts";

/** A model that is ready to answer, without the items that are taken down. */
export interface LoadedModel extends Pick<
  StoredModel,
  "items" | "isConstant" | "describe" | "list" | "categories" | "neighbours"
> {
  name: string;
  store: Store["name"];
  loadedAt: Date;
  /** The items that are taken down now. */
  blocked(): ReadonlySet<string>;
  rank: (queries: readonly Query[]) => (Ranked | Promise<Ranked>)[];
}

/** Loads a model of a store. Items that are blocked, now or later, are left out of all that it says. */
export async function loadModel(
  store: Store,
  name: string,
  blocked: () => ReadonlySet<string>,
): Promise<LoadedModel> {
  const model = await store.load(name);
  const { items, isConstant } = model;
  return {
    name,
    store: store.name,
    loadedAt: new Date(),
    items,
    isConstant,
    blocked,
    rank: (queries) => model.rank(queries, blocked()),
    describe: (ids) => model.describe(ids),
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

/** Answers one query. The storefront's requests are answered in batches, see recommend/recommendation-routes.ts. */
export async function recommend(
  { name, rank }: Pick<LoadedModel, "name" | "rank">,
  query: Query,
): Promise<Answer> {
  const ranked = await rank([query])[0];
  return namedAnswer(ranked, name, ranked.ids.idOf);
}
