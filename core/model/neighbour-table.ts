import type { Neighbours } from "../tables/neighbour-lists.ts";

/**
 * Neighbour lists in one array. Item i's neighbours are at offset[i] .. offset[i+1]-1, best first.
 * Scores are in millionths.
 */
export interface NeighbourTable {
  offset: Int32Array;
  item: Int32Array;
  score: Int32Array;
}

/** A table in which no item has neighbours. */
export const noNeighbours = (items: number): NeighbourTable => ({
  offset: new Int32Array(items + 1),
  item: new Int32Array(),
  score: new Int32Array(),
});

/** Packs the kernel's result: unused places are left out. */
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

/** An item's neighbours, best first. */
export function neighboursOfRow({ offset, item, score }: NeighbourTable, row: number): Scored[] {
  const items = item.subarray(offset[row], offset[row + 1]);
  return Array.from(items, (neighbour, k) => ({ item: neighbour, score: score[offset[row] + k] }));
}

/** `score` is in millionths. */
export interface Scored {
  item: number;
  score: number;
}
