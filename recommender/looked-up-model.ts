import type { ItemNeighbours, PopularItems } from "../adapters/gcp/datastore.ts";
import type { RecommenderModel } from "../core/answer.ts";
import { compareUtf8, millionths } from "../core/order.ts";

/**
 * The part of a model that one request needs: the items that were looked up, their neighbours, and popular items.
 * Whoever scores it cannot tell it from the whole.
 */
export function lookedUpModel(
  found: ReadonlyMap<string, ItemNeighbours>,
  { popular, users }: PopularItems,
): RecommenderModel {
  const lists = [...found.values()];
  // In the order of the whole model's rows: it decides between equal scores.
  const distinct = new Set([...found.keys(), ...lists.flatMap(({ items }) => items), ...popular]);
  const ids = [...distinct].sort(compareUtf8);
  const rows = new Map(ids.map((id, row) => [id, row]));
  const rowsOf = (items: string[]) => Int32Array.from(items, (id) => rows.get(id)!);

  const usersOf = new Int32Array(ids.length);
  rowsOf(popular).forEach((row, k) => (usersOf[row] = users[k]));
  const inOrder = ids.map((id) => found.get(id) ?? { items: [], scores: [] });
  const offset = new Int32Array(ids.length + 1);
  inOrder.forEach(({ items }, row) => (offset[row + 1] = offset[row] + items.length));
  return {
    items: ids.length,
    similar: {
      offset,
      item: rowsOf(inOrder.flatMap(({ items }) => items)),
      score: Int32Array.from(
        inOrder.flatMap(({ scores }) => scores),
        millionths,
      ),
    },
    popular: rowsOf(popular),
    users: usersOf,
    find: (id) => rows.get(id) ?? -1,
    idOf: (row) => ids[row],
  };
}
