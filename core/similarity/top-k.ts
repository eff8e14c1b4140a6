import type { Neighbours } from "./kernel.ts";

/**
 * The k best (score, item) pairs seen so far. A pair is one float64, score * items + (items - 1 - item), so that one
 * comparison decides: the higher score, then the smaller item. Exact below 2^53: scores up to 2,147 (in millionths)
 * with four million items, scores up to 1 with nine thousand million.
 */
export class TopK {
  /** The smallest score that is still in, in millionths; 0 while there is room. */
  least = 0;
  readonly #heap: Float64Array;
  readonly #items: number;
  #size = 0;

  constructor(k: number, items: number) {
    this.#heap = new Float64Array(k);
    this.#items = items;
  }

  clear(): void {
    this.#size = 0;
    this.least = 0;
  }

  /** Takes a pair in if it belongs to the best; returns whether `least` may have changed. */
  add(score: number, item: number): boolean {
    const heap = this.#heap;
    const key = score * this.#items + (this.#items - 1 - item);
    if (this.#size < heap.length) {
      siftUp(heap, this.#size++, key);
      if (this.#size < heap.length) return false;
    } else {
      if (key < heap[0]) return false;
      siftDown(heap, key);
    }
    this.least = Math.floor(heap[0] / this.#items);
    return true;
  }

  /** The pairs, best first. Call `clear` before the next `add`: it sorts in place. */
  sorted(): { item: number; score: number }[] {
    return Array.from(this.#sortedKeys(), (key) => this.#unpack(key));
  }

  /** Writes the pairs, best first, to the place of `item`; as `sorted`. */
  store(item: number, into: Neighbours): void {
    let at = item * into.top;
    for (const key of this.#sortedKeys()) {
      const pair = this.#unpack(key);
      into.score[at] = pair.score;
      into.item[at++] = pair.item;
    }
    into.count[item] = this.#size;
  }

  #sortedKeys(): Float64Array {
    return this.#heap.subarray(0, this.#size).sort().reverse();
  }

  #unpack(key: number): { item: number; score: number } {
    const score = Math.floor(key / this.#items);
    return { item: this.#items - 1 - (key - score * this.#items), score };
  }
}

function siftUp(heap: Float64Array, from: number, key: number): void {
  let k = from;
  while (k > 0) {
    const parent = (k - 1) >> 1;
    if (heap[parent] <= key) break;
    heap[k] = heap[parent];
    k = parent;
  }
  heap[k] = key;
}

function siftDown(heap: Float64Array, key: number): void {
  let k = 0;
  for (;;) {
    let child = 2 * k + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && heap[child + 1] < heap[child]) child++;
    if (heap[child] >= key) break;
    heap[k] = heap[child];
    k = child;
  }
  heap[k] = key;
}
