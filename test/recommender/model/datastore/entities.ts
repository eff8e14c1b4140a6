import type { ItemEntity, NeighbourEntities } from "../../../../adapters/gcp/datastore.ts";
import { POPULAR_ITEMS } from "../../../../contracts/datastore.ts";
import { compareUtf8 } from "../../../../core/text/order.ts";
import type { PlainItem } from "../../../core/ranking/plain-answer.ts";

/** A shop's model as it lies in Datastore. `ask` is called before each lookup. */
export function entitiesOf(
  shop: PlainItem[],
  ask: (items: string[]) => unknown = () => {},
): NeighbourEntities {
  const entities = new Map(
    shop.map(({ id, similar, together, category, price, available }): [string, ItemEntity] => [
      id,
      {
        items: similar.map(([id]) => id),
        scores: similar.map(([, score]) => score),
        togetherItems: together.map(([id]) => id),
        togetherScores: together.map(([, score]) => score),
        name: `name of ${id}`,
        category,
        price,
        available,
      },
    ]),
  );
  const popular = shop
    .toSorted((a, b) => b.users - a.users || compareUtf8(a.id, b.id))
    .slice(0, POPULAR_ITEMS);
  return {
    async neighbours(_model, items) {
      await ask(items);
      return new Map(items.flatMap((id) => (entities.has(id) ? [[id, entities.get(id)!]] : [])));
    },
    popular: async () => ({
      items: shop.length,
      popular: popular.map(({ id }) => id),
      users: popular.map(({ users }) => users),
    }),
  };
}
