import { EVENTS, type EventName } from "../../contracts/interactions.ts";

/**
 * A customer's history as item numbers, the latest last. An item may be in several lists. Within a
 * list it counts once.
 */
export type History = Record<EventName, readonly number[]>;

/**
 * The weight of each event in a query. Null: every distinct item has weight 1, whatever its events.
 */
export type QueryWeights = Record<EventName, number> | null;

/** An item of a query, its weight q(i), and the event with the largest part of the weight. */
export interface QueryItem {
  row: number;
  weight: number;
  event: EventName;
}

/**
 * An item of an unfinished query: the largest of its weights, and the last list in which it was
 * found.
 */
interface FoundItem extends QueryItem {
  most: number;
  seenIn: EventName;
}

/**
 * The weights q(i): for item i, the sum of its events' weights. With a half-life h, weights decay
 * by position: h items after it halve an item's weight. Items of weight 0 are left out.
 * @param itemsAfter the number of items after each row in the whole history; without it those after
 * it in its list count
 */
export function queryOf(
  history: History,
  weights: QueryWeights,
  halfLife = Infinity,
  itemsAfter?: (row: number) => number,
): QueryItem[] {
  const query: FoundItem[] = [];
  for (const event of EVENTS) {
    const weight = weights === null ? 1 : weights[event];
    if (weight === 0) continue;
    const rows = history[event];
    for (let k = rows.length - 1, position = 0; k >= 0; k--) {
      const item = itemOf(query, rows[k]);
      if (item?.seenIn === event) continue;
      const after = itemsAfter ? itemsAfter(rows[k]) : position++;
      const added = halfLife === Infinity ? weight : weight * 0.5 ** (after / halfLife);
      if (added === 0) continue;
      if (item === null) {
        query.push({ row: rows[k], weight: added, event, most: added, seenIn: event });
        continue;
      }
      item.weight = weights === null ? Math.max(item.weight, added) : item.weight + added;
      item.seenIn = event;
      if (added < item.most) continue;
      item.event = event;
      item.most = added;
    }
  }
  return query;
}

function itemOf(query: readonly FoundItem[], row: number): FoundItem | null {
  for (let k = 0; k < query.length; k++) if (query[k].row === row) return query[k];
  return null;
}
