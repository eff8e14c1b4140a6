import type { Method } from "../../contracts/methods.ts";
import { cosine } from "./cosine/cosine.ts";
import { allocateNeighbours, type Neighbours } from "./neighbour-lists.ts";
import { order } from "./order/order.ts";
import type { Layout, TableMaker } from "./table-maker.ts";

const MAKERS = { cosine, order } satisfies Record<Method, unknown>;

/** The maker of a method's tables. Only this maker understands its layouts. */
export const makerOf = (method: Method) => MAKERS[method] as unknown as TableMaker;

/**
 * Finds the neighbours of every item on the calling thread. adapters/local/similarity/ uses all
 * cores.
 */
export function neighboursOfAll({ createKernel }: TableMaker, layout: Layout): Neighbours {
  const result = allocateNeighbours(layout.items, layout.top);
  const kernel = createKernel(layout);
  for (let place = 0; place < layout.items; place++) kernel.neighboursOf(place, result);
  return result;
}
