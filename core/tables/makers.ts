import type { Method } from "../../contracts/methods.ts";
import { cosine } from "./cosine/cosine.ts";
import { allocateNeighbours, type Neighbours } from "./neighbour-lists.ts";
import { order } from "./order/order.ts";
import { ridge } from "./ridge/ridge.ts";
import type { Kernel, Layout, Phase, TableMaker } from "./table-maker.ts";

const MAKERS = { cosine, order, ridge } satisfies Record<Method, unknown>;

/** The maker of a method's tables. Only this maker understands its layouts. */
export const makerOf = (method: Method) => MAKERS[method] as unknown as TableMaker;

/** All phases of a kernel. The last one finds neighbours. */
export const phasesOf = (kernel: Kernel, { items }: Layout, into: Neighbours): Phase[] => [
  ...(kernel.before ?? []),
  { places: items, run: (place) => kernel.neighboursOf(place, into) },
];

/**
 * Finds the neighbours of every item on the calling thread. adapters/local/similarity/ uses all
 * cores.
 */
export function neighboursOfAll({ createKernel }: TableMaker, layout: Layout): Neighbours {
  const result = allocateNeighbours(layout.items, layout.top);
  for (const { places, run } of phasesOf(createKernel(layout), layout, result))
    for (let place = 0; place < places; place++) run(place);
  return result;
}
