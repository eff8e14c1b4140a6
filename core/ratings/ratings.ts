/** Values of entries. Float32 is precise enough for event weights, and takes half the memory. */
export type Values = Float64Array | Float32Array;

/**
 * The interactions: a sparse users x items matrix in CSR format, one row for each user. Items are
 * numbered in the order of their ids' UTF-8 bytes, so that the smaller number wins a tie.
 */
export interface Ratings {
  users: number;
  items: number;
  /** The start of each user's entries; users + 1 numbers. */
  rowStart: Int32Array;
  /** The item of each entry. Items are distinct within a row. */
  item: Int32Array;
  /** The value of each entry, > 0. Absent for binary ratings, where every value is 1. */
  value?: Values;
  /**
   * The time of the user's last event with the item, in microseconds. `capHistories` and
   * `sortHistories` need it.
   */
  lastAt?: Float64Array;
  /**
   * For each item its place among equally recent ones, for `capHistories`: that of the hash of its
   * id (core/text/hash-order.ts), or the item's number where it is absent.
   */
  tiePlace?: Int32Array;
  /** What s(i,j) is multiplied with, for each item j: below 1 where its reviews are bad. */
  share?: Float64Array;
}

/** Entries in any order, as a table lists them. A (user, item) pair occurs once. */
export interface Entries {
  users: number;
  items: number;
  user: Int32Array;
  item: Int32Array;
  value?: Values;
  lastAt?: Float64Array;
}

/** Sorts entries into rows. A counting sort needs two passes and no comparison. */
export function ratingsFromEntries(entries: Entries): Ratings {
  const { users, items, user, item } = entries;
  const rowStart = new Int32Array(users + 1);
  for (let e = 0; e < user.length; e++) rowStart[user[e] + 1]++;
  for (let u = 0; u < users; u++) rowStart[u + 1] += rowStart[u];
  const next = rowStart.slice(0, users);
  const ratings: Ratings = { users, items, rowStart, item: sharedItems(item.length) };
  if (entries.value) ratings.value = new Float64Array(item.length);
  if (entries.lastAt) ratings.lastAt = new Float64Array(item.length);
  for (let e = 0; e < user.length; e++) {
    const k = next[user[e]]++;
    ratings.item[k] = item[e];
    if (ratings.value) ratings.value[k] = entries.value![e];
    if (ratings.lastAt) ratings.lastAt[k] = entries.lastAt![e];
  }
  return ratings;
}

/** Shared memory: the index can take it over, and worker threads see it. */
const sharedItems = (length: number) => new Int32Array(new SharedArrayBuffer(4 * length));

/** Keeps the entries with `keep[e]` 1, their values, and their times if asked for. */
export function selectEntries(ratings: Ratings, keep: Uint8Array, { keepTimes = false } = {}): Ratings {
  const { users, items, rowStart, item, value } = ratings;
  const lastAt = keepTimes ? ratings.lastAt : undefined;
  let kept = 0;
  for (let e = 0; e < keep.length; e++) kept += keep[e];
  const result: Ratings = { users, items, rowStart: new Int32Array(users + 1), item: sharedItems(kept) };
  if (value) result.value = new Float64Array(kept);
  if (lastAt) result.lastAt = new Float64Array(kept);
  if (ratings.share) result.share = ratings.share;
  let next = 0;
  for (let u = 0; u < users; u++) {
    for (let e = rowStart[u]; e < rowStart[u + 1]; e++) {
      if (!keep[e]) continue;
      result.item[next] = item[e];
      if (value) result.value![next] = value[e];
      if (lastAt) result.lastAt![next] = lastAt[e];
      next++;
    }
    result.rowStart[u + 1] = next;
  }
  return result;
}

/**
 * Limits each user to the `cap` most recent distinct items (ties: the first by `tiePlace`). The cap
 * bounds the cost, since pairs grow with the square of a history. No user is dropped. `cap` 0 keeps
 * everything.
 */
export function capHistories(ratings: Ratings, cap: number, { keepTimes = false } = {}): Ratings {
  const { users, rowStart, item, lastAt, tiePlace } = ratings;
  if (!isCapped(ratings, cap)) return ratings;
  if (!lastAt) throw new TypeError("capHistories: ratings.lastAt is needed to tell the most recent items");
  const placeOf = (e: number) => (tiePlace ? tiePlace[item[e]] : item[e]);
  const keep = new Uint8Array(item.length).fill(1);
  for (let u = 0; u < users; u++) {
    if (rowStart[u + 1] - rowStart[u] <= cap) continue;
    const entries = Array.from({ length: rowStart[u + 1] - rowStart[u] }, (_, k) => rowStart[u] + k);
    entries.sort((a, b) => lastAt[b] - lastAt[a] || placeOf(a) - placeOf(b));
    for (const e of entries.slice(cap)) keep[e] = 0;
  }
  return selectEntries(ratings, keep, { keepTimes });
}

/** True if a history is longer than the cap. */
export const isCapped = (ratings: Ratings, cap: number): boolean => cap > 0 && longestRow(ratings) > cap;

/** The longest history, in distinct items. */
export function longestRow({ users, rowStart }: Ratings): number {
  let longest = 0;
  for (let u = 0; u < users; u++) longest = Math.max(longest, rowStart[u + 1] - rowStart[u]);
  return longest;
}

/**
 * The cost of the similarities: ordered pairs of different items in one history, summed over users.
 */
export function countPairs({ users, rowStart }: Ratings): number {
  let pairs = 0;
  for (let u = 0; u < users; u++) {
    const length = rowStart[u + 1] - rowStart[u];
    pairs += length * (length - 1);
  }
  return pairs;
}

/** The number of users with an entry. */
export const filledRows = ({ users, rowStart }: Ratings): number => {
  let filled = 0;
  for (let u = 0; u < users; u++) if (rowStart[u + 1] > rowStart[u]) filled++;
  return filled;
};

/** The number of users of each item. */
export function usersPerItem({ items, item }: Ratings): Int32Array {
  const users = new Int32Array(items);
  for (let e = 0; e < item.length; e++) users[item[e]]++;
  return users;
}

/**
 * |c_i|^2 of every item: the sum of its squared values. For binary ratings it is the number of
 * users.
 */
export function squaredNorms({ items, item, value }: Ratings): Float64Array {
  const norms = new Float64Array(items);
  for (let e = 0; e < item.length; e++) norms[item[e]] += value ? value[e] * value[e] : 1;
  return norms;
}
