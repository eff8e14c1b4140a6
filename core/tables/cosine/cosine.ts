import { capHistories, countPairs } from "../../ratings/ratings.ts";
import { coCountsOf } from "../../tuning/co-counts.ts";
import type { MethodSearch, TableMaker } from "../table-maker.ts";
import { createKernel } from "./kernel.ts";
import { prepare } from "./prepare.ts";
import { recallOfSample } from "./recall.ts";
import type { SimilarityIndex } from "./similarity-index.ts";

const search: MethodSearch = {
  space: {
    alpha: { kind: "number", low: 0.3, high: 1 },
    shrinkage: { kind: "number", low: 0.5, high: 100, log: true },
  },
  shared: {
    countedBy: ["cap"],
    count: (ratings, { cap }, wanted) =>
      coCountsOf(capHistories(ratings, cap), wanted, {
        window: Infinity,
        weight: () => 1,
        isSymmetric: true,
      }),
  },
};

/** Cosine similarity of two items' users. docs/ARCHITECTURE.md has the formula. */
export const cosine: TableMaker<SimilarityIndex> = {
  prepare,
  createKernel,
  cost: countPairs,
  recallOfSample,
  search,
};
