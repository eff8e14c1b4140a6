import { EVENTS, type EventName } from "../../contracts/interactions.ts";

/** What a customer did, as item numbers, the latest last. An item may be in several lists; within a list it counts once. */
export type History = Record<EventName, readonly number[]>;

/** How much each event counts in a query; null: every distinct item counts once, whatever was done with it. */
export type QueryWeights = Record<EventName, number> | null;

/** An item of a query, its weight q(i), and the event that counts for most of it. */
export interface QueryItem {
  row: number;
  weight: number;
  event: EventName;
}

/** An item of a query that is being put together: the largest of its weights, and the list that had it last. */
interface FoundItem extends QueryItem {
  most: number;
  seenIn: EventName;
}

/**
 * q(i): the sum of the weights of what was done with item i. With a half-life h, what was done last counts in full, and
 * with each h items that came after it in its list half as much. Items of weight 0 are left out.
 */
export function queryOf(history: History, weights: QueryWeights, halfLife = Infinity): QueryItem[] {
  const query: FoundItem[] = [];
  for (const event of EVENTS) {
    const weight = weights === null ? 1 : weights[event];
    if (weight === 0) continue;
    const rows = history[event];
    for (let k = rows.length - 1, position = 0; k >= 0; k--) {
      const item = itemOf(query, rows[k]);
      if (item?.seenIn === event) continue;
      const added = halfLife === Infinity ? weight : weight * 0.5 ** (position / halfLife);
      position++;
      // What came before counts for even less.
      if (added === 0) break;
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
