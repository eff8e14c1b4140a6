import type { Ratings } from "../../ratings/ratings.ts";
import { countPairs, orderSpace, prepareOrdered } from "../order/order.ts";
import type { MethodSearch, PrepareHints, Prepared, TableMaker, TableOptions } from "../table-maker.ts";
import { createKernel } from "./kernel.ts";
import { buildRidgeLayout, type RidgeLayout } from "./layout.ts";

/**
 * The co-counts of `order`, solved: EASE (Steck, "Embarrassingly Shallow Autoencoders for Sparse
 * Data", 2019), each item with its candidates only. docs/ARCHITECTURE.md has the formula.
 * @throws TypeError when the ratings have no times, or the mode is `dimsum`
 */
const prepare = (ratings: Ratings, options: TableOptions, hints?: PrepareHints): Prepared<RidgeLayout> =>
  prepareOrdered(buildRidgeLayout, ratings, options, hints);

/** What an item takes to solve, as pairs that are added up. */
const SOLVING = 4000;

const cost = (ratings: Ratings, options: TableOptions) =>
  countPairs(ratings, options) + SOLVING * ratings.items;

/** What had to be mended, once the neighbours are found. */
const counts = ({ mended }: RidgeLayout) => ({ indefinite: mended[0], floored: mended[1] });

const search: MethodSearch = {
  space: {
    ...orderSpace,
    regularization: { kind: "number", low: 1, high: 1000, log: true },
    ownShare: { kind: "number", low: 0.01, high: 3, log: true },
  },
};

export const ridge: TableMaker<RidgeLayout> = { prepare, createKernel, phases: 5, cost, counts, search };
