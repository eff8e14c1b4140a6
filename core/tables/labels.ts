/**
 * Relabelling: items carry labels by falling popularity. The accumulators of popular items are
 * touched most, and then share cache lines.
 */
export interface Labelled {
  items: number;
  /** The item of each label. */
  item: Int32Array;
  /** The start of each label's entries, label by label; items + 1 numbers. */
  columnStart: Int32Array;
}

/** Fills `item` and `columnStart`. `users` has the number of each item's users. */
export function orderByPopularity({ items, item, columnStart }: Labelled, users: Int32Array): void {
  const most = users.reduce((a, b) => Math.max(a, b), 0);
  const keys = Float64Array.from(users, (n, i) => (most - n) * items + i).sort();
  for (let label = 0; label < items; label++) {
    item[label] = keys[label] % items;
    columnStart[label + 1] = columnStart[label] + users[item[label]];
  }
}

/** The label of each item. */
export function labelsOf({ items, item }: Labelled): Int32Array {
  const labelOf = integers(items);
  for (let label = 0; label < items; label++) labelOf[item[label]] = label;
  return labelOf;
}

/** n/(n+L) for each number n of users in common, and 0 below the minimum support. */
export function supportTable(
  { items, columnStart }: Labelled,
  { shrinkage, minSupport }: { shrinkage: number; minSupport: number },
): Float64Array {
  const most = items > 0 ? columnStart[1] : 0;
  const table = new Float64Array(most + 1);
  for (let n = Math.max(1, minSupport); n <= most; n++) table[n] = n / (n + shrinkage);
  return table;
}

/** Numbers in memory that threads share. */
export const integers = (length: number) => new Int32Array(new SharedArrayBuffer(4 * length));
export const floats = (length: number) => new Float64Array(new SharedArrayBuffer(8 * length));
