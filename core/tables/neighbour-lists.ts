/** The neighbours of every item, best first: `top` places an item, of which `count[i]` are taken. */
export interface Neighbours {
  top: number;
  item: Int32Array;
  /** In millionths. */
  score: Int32Array;
  count: Int32Array;
}

/** Room for the neighbours of `items` items, shared between threads: 8 bytes a neighbour. */
export function allocateNeighbours(items: number, top: number): Neighbours {
  const integers = (length: number) => new Int32Array(new SharedArrayBuffer(4 * length));
  return { top, item: integers(items * top), score: integers(items * top), count: integers(items) };
}
