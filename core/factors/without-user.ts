import type { FactorUsers } from "./decode-factors.ts";
import type { Users } from "./encode-factors.ts";

/** The users of a file but the one of a row, to be encoded again. */
export function withoutUser({ factors, histories, bought, idOf }: FactorUsers, row: number): Users {
  const width = factors.factors;
  const rows = factors.rows - 1;
  const items = cutList(histories.offset, row);
  const purchases = cutList(bought.offset, row);
  return {
    ids: Array.from({ length: rows }, (_, u) => idOf(u < row ? u : u + 1)),
    factors: { rows, factors: width, values: cut(factors.values, row * width, (row + 1) * width) },
    histories: {
      offset: items.offset,
      item: cut(histories.item, items.from, items.to),
      weight: cut(histories.weight, items.from, items.to),
    },
    bought: { offset: purchases.offset, item: cut(bought.item, purchases.from, purchases.to) },
  };
}

/** The offsets of lists without one of them, and the places that it had. */
function cutList(offset: Int32Array, row: number) {
  const [from, to] = [offset[row], offset[row + 1]];
  const left = Int32Array.from({ length: offset.length - 1 }, (_, u) =>
    u <= row ? offset[u] : offset[u + 1] - (to - from),
  );
  return { offset: left, from, to };
}

/** A copy without the elements `from` .. `to` - 1. */
function cut<A extends Int32Array | Float32Array>(values: A, from: number, to: number): A {
  const left = new (values.constructor as new (length: number) => A)(values.length - (to - from));
  left.set(values.subarray(0, from));
  left.set(values.subarray(to), from);
  return left;
}
