import type { Ratings } from "./ratings.ts";

/** Up to this length, an insertion sort takes less time than what any other one needs to start. */
const SHORT = 24;

/**
 * Sorts each row by time, oldest first; ties by item.
 * @param mayReuse sorts the given arrays in place
 * @throws TypeError when the ratings have no times
 */
export function sortHistories(ratings: Ratings, { mayReuse = false } = {}): Ratings {
  if (!ratings.lastAt) throw new TypeError("sortHistories: ratings.lastAt is needed");
  const item = mayReuse ? ratings.item : ratings.item.slice();
  const lastAt = mayReuse ? ratings.lastAt : ratings.lastAt.slice();
  for (let u = 0; u < ratings.users; u++) {
    const [start, end] = [ratings.rowStart[u], ratings.rowStart[u + 1]];
    if (end - start <= SHORT) insert(item, lastAt, start, end);
    else sortLong(item.subarray(start, end), lastAt.subarray(start, end));
  }
  const { value: _, ...binary } = ratings;
  return { ...binary, item, lastAt };
}

function insert(item: Int32Array, lastAt: Float64Array, start: number, end: number): void {
  for (let e = start + 1; e < end; e++) {
    const [i, at] = [item[e], lastAt[e]];
    let k = e;
    for (; k > start && (lastAt[k - 1] > at || (lastAt[k - 1] === at && item[k - 1] > i)); k--) {
      item[k] = item[k - 1];
      lastAt[k] = lastAt[k - 1];
    }
    item[k] = i;
    lastAt[k] = at;
  }
}

function sortLong(item: Int32Array, lastAt: Float64Array): void {
  const [items, times] = [item.slice(), lastAt.slice()];
  const places = Array.from(items, (_, k) => k);
  places.sort((a, b) => times[a] - times[b] || items[a] - items[b]);
  for (const [k, place] of places.entries()) {
    item[k] = items[place];
    lastAt[k] = times[place];
  }
}
