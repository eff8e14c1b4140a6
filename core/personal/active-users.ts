import type { Histories } from "../factors/encode-factors.ts";

/** A user's row takes the low half of a sort key, the number of their items the high half. */
const HALF = 2 ** 32;

/**
 * The users with the most items in their histories, the most first; of equal ones the first row.
 * A model keeps no times. Of what it keeps, the number of items tells best who comes back: on
 * RetailRocket better than the sum of the weights.
 */
export function mostActive({ offset }: Pick<Histories, "offset">, most: number): Uint32Array {
  const users = offset.length - 1;
  const keys = new Float64Array(users);
  for (let u = 0; u < users; u++) keys[u] = -((offset[u + 1] - offset[u]) * HALF) + u;
  keys.sort();
  const active = keys.subarray(0, Math.min(most, users));
  return Uint32Array.from(active, (key) => key - Math.floor(key / HALF) * HALF);
}
