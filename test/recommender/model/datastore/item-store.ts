import { POPULAR_ITEMS } from "../../../../contracts/datastore.ts";
import { compareUtf8 } from "../../../../core/text/order.ts";
import type { ItemStore, StoredItem } from "../../../../night/state/item-store.ts";
import type { PlainItem } from "../../../core/ranking/plain-answer.ts";

/** A store with one model of a shop. `ask` is called before each lookup. */
export function itemStoreOf(shop: PlainItem[], ask: (items: string[]) => unknown = () => {}): ItemStore {
  const items = new Map(
    shop.map(({ id, similar, together, category, price, available }): [string, StoredItem] => [
      id,
      {
        lists: { similar: listOf(similar), together: listOf(together) },
        name: `name of ${id}`,
        category,
        price,
        available,
        link: null,
        image: null,
      },
    ]),
  );
  const popular = shop
    .toSorted((a, b) => b.users - a.users || compareUtf8(a.id, b.id))
    .slice(0, POPULAR_ITEMS);
  return {
    async itemsOf(_model, ids) {
      await ask(ids);
      return new Map(ids.flatMap((id) => (items.has(id) ? [[id, items.get(id)!]] : [])));
    },
    popularOf: async () => ({
      items: shop.length,
      popular: popular.map(({ id }) => id),
      users: popular.map(({ users }) => users),
    }),
  };
}

const listOf = (neighbours: readonly [string, number][]) => ({
  items: neighbours.map(([id]) => id),
  scores: neighbours.map(([, score]) => score),
});
