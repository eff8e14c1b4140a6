import { millionths } from "../text/order.ts";
import type { Neighbours } from "./neighbour-lists.ts";

/**
 * Scores are stored in 31 bits: up to 2,147.483647. Only weighted vectors with alpha other than 0.5
 * can reach it.
 */
const MOST = 2 ** 31 - 1;

/**
 * Lazy selection: room for this many times k candidates before the best are chosen. A heap would be
 * right at every moment, but works more often.
 */
const ROOM = 3;

/**
 * The k best of many scored candidates: by score in millionths, ties to the smaller item. The
 * caller writes candidates into `scores` and `labels`. It calls `choose` when they are full, and
 * once at the end:
 *
 *     scores[c] = s; labels[c] = j;
 *     c += s >= bar ? 1 : 0; // always written, but kept only if it may be among the best
 *     if (c === scores.length) { bar = best.choose(c); c = 0; }
 *
 * Packed keys: a (score, item) pair is one float64, so that one comparison decides:
 *
 *     score * items + (items - 1 - item)
 *
 * That is exact below 2^53. Any score fits with four million items, scores up to 1 with nine
 * thousand million.
 */
export class TopK {
  readonly scores: Float64Array;
  readonly labels: Int32Array;
  readonly #k: number;
  readonly #itemOf: Int32Array;
  readonly #keys: Float64Array;
  #kept = 0;
  #scale = 1;

  constructor(k: number, itemOf: Int32Array) {
    this.#k = k;
    this.#itemOf = itemOf;
    this.scores = new Float64Array(ROOM * k);
    this.labels = new Int32Array(ROOM * k);
    this.#keys = new Float64Array((ROOM + 1) * k);
  }

  /** Starts a new selection. Candidates' scores are multiplied by `scale`. */
  start(scale: number): void {
    this.#kept = 0;
    this.#scale = scale;
  }

  /**
   * Takes this many candidates in and keeps the k best. The result is the bar: no lower score can
   * be among the best.
   */
  choose(candidates: number): number {
    const { scores, labels } = this;
    const [keys, itemOf, scale] = [this.#keys, this.#itemOf, this.#scale];
    const items = itemOf.length;
    let size = this.#kept;
    for (let c = 0; c < candidates; c++) {
      const key = keyOf(scores[c] * scale, itemOf[labels[c]], items);
      keys[size] = key;
      size += key >= items ? 1 : 0;
    }
    this.#kept = Math.min(size, this.#k);
    if (size < this.#k) return 0;
    selectLargest(keys, size, this.#k);
    let worst = keys[0];
    for (let k = 1; k < this.#k; k++) worst = Math.min(worst, keys[k]);
    return (Math.floor(worst / items) - 0.5000011) / 1e6 / scale;
  }

  /** The least key among the chosen; 0 where there is room for more. */
  least(): number {
    if (this.#kept < this.#k) return 0;
    let least = this.#keys[0];
    for (let k = 1; k < this.#k; k++) least = Math.min(least, this.#keys[k]);
    return least;
  }

  /** Writes the chosen items, in no order. The result is their number. */
  items(into: Int32Array): number {
    const items = this.#itemOf.length;
    for (let k = 0; k < this.#kept; k++) into[k] = items - 1 - (this.#keys[k] % items);
    return this.#kept;
  }

  /** Writes the pairs, best first, to the place of `item`. */
  store(item: number, into: Neighbours): void {
    const items = this.#itemOf.length;
    const keys = this.#keys.subarray(0, this.#kept).sort();
    let at = item * into.top;
    for (let k = keys.length - 1; k >= 0; k--) {
      const score = Math.floor(keys[k] / items);
      into.score[at] = score;
      into.item[at++] = items - 1 - (keys[k] - score * items);
    }
    into.count[item] = this.#kept;
  }
}

/** The packed key of a (score, item) pair; below `items` where the score in millionths is 0. */
export const keyOf = (score: number, item: number, items: number): number =>
  Math.min(MOST, millionths(score)) * items + (items - 1 - item);

/**
 * Quickselect (Hoare, "Algorithm 65: Find"): moves the k largest of the first `size` numbers to the
 * front.
 */
function selectLargest(numbers: Float64Array, size: number, k: number): void {
  let low = 0;
  let high = size - 1;
  while (low < high) {
    const pivot = numbers[(low + high) >> 1];
    let i = low;
    let j = high;
    while (i <= j) {
      while (numbers[i] > pivot) i++;
      while (numbers[j] < pivot) j--;
      if (i > j) break;
      const larger = numbers[j];
      numbers[j--] = numbers[i];
      numbers[i++] = larger;
    }
    if (k - 1 <= j) high = j;
    else if (k - 1 >= i) low = i;
    else return;
  }
}
