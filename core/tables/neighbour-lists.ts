/**
 * The neighbours of every item, best first. Each item has `top` places, of which `count[i]` are
 * used.
 */
export interface Neighbours {
  top: number;
  item: Int32Array;
  /** In millionths. */
  score: Int32Array;
  count: Int32Array;
}

/** Allocates neighbour lists in memory that threads share: 8 bytes a neighbour. */
export function allocateNeighbours(items: number, top: number): Neighbours {
  const integers = (length: number) => new Int32Array(new SharedArrayBuffer(4 * length));
  return { top, item: integers(items * top), score: integers(items * top), count: integers(items) };
}
