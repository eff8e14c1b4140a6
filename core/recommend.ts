import { EVENTS, type EventName } from "../contracts/interactions.ts";
import { millionths } from "./order.ts";
import type { Neighbours } from "./similarity/neighbour-lists.ts";

/** Neighbour lists, one after the other: item i's are at offset[i] .. offset[i+1]-1, best first, scores in millionths. */
export interface NeighbourTable {
  offset: Int32Array;
  item: Int32Array;
  score: Int32Array;
}

/** Takes the unused places out of the kernel's result. */
export function neighbourTable({ top, item, score, count }: Neighbours): NeighbourTable {
  const offset = new Int32Array(count.length + 1);
  for (let i = 0; i < count.length; i++) offset[i + 1] = offset[i] + count[i];
  const table = {
    offset,
    item: new Int32Array(offset[count.length]),
    score: new Int32Array(offset[count.length]),
  };
  for (let i = 0; i < count.length; i++) {
    table.item.set(item.subarray(i * top, i * top + count[i]), offset[i]);
    table.score.set(score.subarray(i * top, i * top + count[i]), offset[i]);
  }
  return table;
}

/** What a customer did, as item numbers. An item may be in several lists; within a list it counts once. */
export type History = Record<EventName, Iterable<number>>;

/** How much each event counts in a query; null: every distinct item counts once, whatever was done with it. */
export type QueryWeights = Record<EventName, number> | null;

/** q(i): the sum of the weights of what was done with item i. Items of weight 0 are left out. */
export function queryOf(history: History, weights: QueryWeights): Map<number, number> {
  const query = new Map<number, number>();
  for (const event of EVENTS) {
    const weight = weights === null ? 1 : weights[event];
    if (weight === 0) continue;
    for (const item of new Set(history[event])) {
      query.set(item, weights === null ? 1 : (query.get(item) ?? 0) + weight);
    }
  }
  return query;
}

/** Some rows of a model. */
export type Rows = Pick<ReadonlySet<number>, "has">;

/** `score` is in millionths. */
export interface Scored {
  item: number;
  score: number;
}

/**
 * Scores items for a query: score(j) = sum over i of q(i) s(i,j), not normalised; only scores above 0, best first.
 * It reuses one dense accumulator, so calls must not interleave (never await between them and their use).
 */
export function createScorer({ offset, item, score }: NeighbourTable) {
  const items = offset.length - 1;
  const sums = new Float64Array(items);
  const touched: number[] = [];

  function add(i: number, weight: number): void {
    for (let k = offset[i]; k < offset[i + 1]; k++) {
      const j = item[k];
      if (sums[j] === 0) touched.push(j);
      sums[j] += weight * score[k];
    }
  }

  return function scoreQuery(query: Map<number, number>, n: number, excluded: Rows): Scored[] {
    for (const [i, weight] of query) add(i, weight);
    const best: Scored[] = [];
    for (const item of touched) {
      const found = { item, score: millionths(sums[item] / 1e6) };
      sums[item] = 0;
      if (found.score > 0 && !excluded.has(item)) insert(best, found, n);
    }
    touched.length = 0;
    return best;
  };
}

/** Keeps a list of the n best in order: n is small, and most that is scored does not get in. */
function insert(best: Scored[], found: Scored, n: number): void {
  const isBehind = (other: Scored) =>
    other.score < found.score || (other.score === found.score && other.item > found.item);
  if (best.length === n && !isBehind(best[n - 1])) return;
  let place = best.length;
  while (place > 0 && isBehind(best[place - 1])) place--;
  best.splice(place, 0, found);
  if (best.length > n) best.pop();
}

/** Items by falling number of users, ties by id. */
export function popularityOrder(users: ArrayLike<number>): Int32Array {
  const order = Int32Array.from({ length: users.length }, (_, i) => i);
  return order.sort((a, b) => users[b] - users[a] || a - b);
}
