import type { Dataset } from "./datasets.ts";

export interface Shape {
  users: number;
  items: number;
  seed: number;
}

/** History lengths are lognormal, with these parameters, rounded and kept within 1 .. CAP. */
const MEDIAN = 8;
const SIGMA = 1.1;
const CAP = 360;
const EVENT_WEIGHTS = { view: 0.5, cart: 2, purchase: 6 };

/**
 * A generated shop: users with lognormal histories pick distinct items by Zipf(1.0) popularity.
 * Every entry has a view, one in five a cart, one in twelve a purchase. The same shape gives the
 * same data, on any machine.
 */
export function generate({ users, items, seed }: Shape): Dataset {
  const random = uniform(seed);
  const rowStart = historyLengths(users, random);
  const item = new Int32Array(rowStart[users]);
  const draw = zipf(items, random);
  const lastUser = new Int32Array(items).fill(-1);
  for (let u = 0; u < users; u++) {
    for (let e = rowStart[u]; e < rowStart[u + 1]; e++) {
      let i = draw();
      while (lastUser[i] === u) i = draw();
      lastUser[i] = u;
      item[e] = i;
    }
    item.subarray(rowStart[u], rowStart[u + 1]).sort();
  }
  return { users, items, rowStart, item, value: Float32Array.from(item, () => weight(random)) };
}

function historyLengths(users: number, random: () => number): Int32Array {
  const rowStart = new Int32Array(users + 1);
  for (let u = 0; u < users; u++) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const length = Math.round(MEDIAN * Math.exp(SIGMA * normal));
    rowStart[u + 1] = rowStart[u] + Math.min(CAP, Math.max(1, length));
  }
  return rowStart;
}

/**
 * Draws items, the r-th most popular in proportion to 1/r. As in a real shop, ids say nothing about
 * popularity.
 */
function zipf(items: number, random: () => number): () => number {
  const itemOfRank = Int32Array.from({ length: items }, (_, i) => i);
  for (let r = items - 1; r > 0; r--) {
    const other = Math.floor(random() * (r + 1));
    [itemOfRank[r], itemOfRank[other]] = [itemOfRank[other], itemOfRank[r]];
  }
  const cumulative = new Float64Array(items);
  let total = 0;
  for (let r = 0; r < items; r++) cumulative[r] = total += 1 / (r + 1);
  return () => itemOfRank[firstAbove(cumulative, random() * total)];
}

/** Binary search: the first index whose value is above x. */
function firstAbove(ascending: Float64Array, x: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] > x) high = middle;
    else low = middle + 1;
  }
  return low;
}

function weight(random: () => number): number {
  const cart = random() < 1 / 5 ? EVENT_WEIGHTS.cart : 0;
  const purchase = random() < 1 / 12 ? EVENT_WEIGHTS.purchase : 0;
  return EVENT_WEIGHTS.view + cart + purchase;
}

/** Uniform numbers in [0, 1) with 32 bits: Mulberry32 (Tommy Ettinger, public domain). */
export function uniform(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
