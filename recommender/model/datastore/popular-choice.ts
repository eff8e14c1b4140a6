import type { Query } from "../../../core/ranking/answer.ts";
import type { StoredItem } from "../../../night/state/item-store.ts";
import type { PopularItem } from "./looked-up-model.ts";

/**
 * Chooses the popular items that an answer may need: of the shop and of each category of the query
 * as many as can be in it or be passed over. With a filter that is any of them. `POPULAR_ITEMS`
 * (1,000) fill the longest answer (600 ids, 200 excluded, 100 results) unless more than 100 popular
 * items are blocked.
 */
export function popularChoice(popular: readonly PopularItem[]) {
  const places = popular.map((_, place) => place);
  const ofCategory = Map.groupBy(places, (place) => popular[place].stored?.category ?? null);

  return function choose(
    query: Query,
    found: ReadonlyMap<string, StoredItem>,
    blocked: ReadonlySet<string>,
  ): readonly PopularItem[] {
    if (query.filter || query.maxPerCategory !== undefined) return popular;
    const { n, browsed, basket, purchased, exclude = [] } = query;
    // The model's own results, at most n, are passed over too.
    const length = 2 * n + browsed.length + basket.length + purchased.length + exclude.length;
    const first = (list: readonly number[]) => {
      const allowed: number[] = [];
      for (let k = 0; k < list.length && allowed.length < length; k++)
        if (!blocked.has(popular[list[k]].item)) allowed.push(list[k]);
      return allowed;
    };
    const categories = new Set([...found.values()].map(({ category }) => category));
    categories.delete(null);
    const lists = [places, ...[...categories].map((category) => ofCategory.get(category) ?? [])];
    return [...new Set(lists.flatMap(first))].sort((a, b) => a - b).map((place) => popular[place]);
  };
}
