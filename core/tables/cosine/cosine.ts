import { countPairs } from "../../ratings/ratings.ts";
import type { TableMaker } from "../table-maker.ts";
import { createKernel } from "./kernel.ts";
import { prepare } from "./prepare.ts";
import { recallOfSample } from "./recall.ts";
import type { SimilarityIndex } from "./similarity-index.ts";

/** Cosine similarity of two items' users. docs/ARCHITECTURE.md has the formula. */
export const cosine: TableMaker<SimilarityIndex> = {
  prepare,
  createKernel,
  cost: countPairs,
  recallOfSample,
};
