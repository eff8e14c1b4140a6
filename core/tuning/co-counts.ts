import { longestRow, usersPerItem, type Ratings } from "../ratings/ratings.ts";

/**
 * What a few items have in common with others: all that a method counts, before the knobs that only
 * weigh it. The pairs of the k-th wanted item are at start[k] .. start[k+1]-1; 24 bytes a pair.
 */
export interface CoCounts {
  /** The items whose neighbours can be asked for, and the start of their pairs. */
  wanted: Int32Array;
  start: Int32Array;
  /** The other item of each pair, the users who have both, and what these add up to. */
  item: Int32Array;
  users: Int32Array;
  /** F(i→j), and F(j→i). */
  after: Float64Array;
  before: Float64Array;
  /** Of all items. */
  usersOf: Int32Array;
  share?: Float64Array | undefined;
}

/** Which pairs of a history count, and how much. */
export interface Counting {
  /** Places that two items stand apart at most. */
  window: number;
  /** What a pair counts whose items stand d places apart. */
  weight(d: number): number;
  /** What comes before an item counts as what comes after it, whatever `backward` says. */
  isSymmetric?: boolean;
}

/**
 * Counts, for each wanted item, what stands around it in histories. It costs 2 `window` for each
 * user of each wanted item at most.
 * @param ratings rows in the order that matters to `weight`
 * @param wanted ascending
 */
export function coCountsOf(
  ratings: Ratings,
  wanted: Int32Array,
  { window, weight, isSymmetric }: Counting,
): CoCounts {
  const { items, item } = ratings;
  const places = placesOf(ratings, wanted);
  const reach = Math.min(window, longestRow(ratings));
  const weights = Float64Array.from({ length: reach + 1 }, (_, d) => weight(d));
  const users = new Int32Array(items);
  const [after, before] = [new Float64Array(items), new Float64Array(items)];
  const pairs = new Pairs();
  for (const [w, i] of wanted.entries()) {
    const touched: number[] = [];
    for (let p = places.start[w]; p < places.start[w + 1]; p++) {
      const e = places.entry[p];
      const last = Math.min(e + reach, places.rowEnd[p] - 1);
      for (let k = Math.max(e - reach, places.rowStart[p]); k <= last; k++) {
        const j = item[k];
        if (users[j]++ === 0) touched.push(j);
        if (k > e) after[j] += weights[k - e];
        else before[j] += weights[e - k];
      }
    }
    for (const j of touched) {
      if (isSymmetric) after[j] = before[j] = (after[j] + before[j]) / 2;
      if (j !== i) pairs.add(j, users[j], after[j], before[j]);
      users[j] = after[j] = before[j] = 0;
    }
    pairs.endOfItem();
  }
  return { wanted, usersOf: usersPerItem(ratings), share: ratings.share, ...pairs.all() };
}

/** Where the wanted items stand: the entry, and the bounds of its row. */
function placesOf({ users, items, rowStart, item }: Ratings, wanted: Int32Array) {
  const numberOf = new Int32Array(items).fill(-1);
  wanted.forEach((i, w) => (numberOf[i] = w));
  const start = new Int32Array(wanted.length + 1);
  for (const i of item) if (numberOf[i] >= 0) start[numberOf[i] + 1]++;
  for (let w = 0; w < wanted.length; w++) start[w + 1] += start[w];
  const next = start.slice();
  const array = () => new Int32Array(start[wanted.length]);
  const places = { start, entry: array(), rowStart: array(), rowEnd: array() };
  for (let u = 0; u < users; u++) {
    for (let e = rowStart[u]; e < rowStart[u + 1]; e++) {
      if (numberOf[item[e]] < 0) continue;
      const p = next[numberOf[item[e]]]++;
      places.entry[p] = e;
      places.rowStart[p] = rowStart[u];
      places.rowEnd[p] = rowStart[u + 1];
    }
  }
  return places;
}

/** Pairs in arrays that grow. */
class Pairs {
  readonly #start: number[] = [0];
  readonly #columns = {
    item: new Int32Array(1 << 12),
    users: new Int32Array(1 << 12),
    after: new Float64Array(1 << 12),
    before: new Float64Array(1 << 12),
  };
  #size = 0;

  add(item: number, users: number, after: number, before: number): void {
    if (this.#size === this.#columns.item.length) this.#resize(2 * this.#size);
    this.#columns.item[this.#size] = item;
    this.#columns.users[this.#size] = users;
    this.#columns.after[this.#size] = after;
    this.#columns.before[this.#size++] = before;
  }

  endOfItem(): void {
    this.#start.push(this.#size);
  }

  all() {
    this.#resize(this.#size);
    return { start: Int32Array.from(this.#start), ...this.#columns };
  }

  #resize(length: number): void {
    const { item, users, after, before } = this.#columns;
    const kept = Math.min(length, this.#size);
    const resized = <T extends Int32Array | Float64Array>(into: T, old: T) => {
      into.set(old.subarray(0, kept));
      return into;
    };
    this.#columns.item = resized(new Int32Array(length), item);
    this.#columns.users = resized(new Int32Array(length), users);
    this.#columns.after = resized(new Float64Array(length), after);
    this.#columns.before = resized(new Float64Array(length), before);
  }
}
