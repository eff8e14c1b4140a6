import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findNeighbours } from "../adapters/local/similarity/find-neighbours.ts";
import { defaultsOf } from "../contracts/settings/settings.ts";
import { KNOB_NAMES, type Knobs } from "../contracts/settings/similarity.ts";
import { isOrdered, METHODS, type Method } from "../contracts/methods.ts";
import type { Ratings } from "../core/ratings/ratings.ts";
import { readDataset } from "./datasets.ts";
import { measure } from "./measure.ts";

/**
 * Our side of the comparison; peers/contender.py is the other. It reads the matrix, then measures
 * all work up to the finished neighbours: laying out the index, starting threads, computing.
 * Arguments: folder, what to make, neighbours an item, threads, folder for the answer; --users N
 * takes the first N. To make: cosines of binary or weighted vectors, or a table by `order` or
 * `ridge`, where items stand in the order of a hash.
 */
const { values, positionals } = parseArgs({ allowPositionals: true, options: { users: { type: "string" } } });
const [folder, vectors, top, threads, out] = positionals;
const users = values.users ? { users: Number(values.users) } : {};
const ratings: Ratings = readDataset(folder, { values: vectors === "weighted", ...users });
const method = vectors in METHODS ? (vectors as Method) : "cosine";
if (isOrdered(method))
  ratings.lastAt = Float64Array.from(ratings.item, (_, e) => Math.imul(e, 2654435761) >>> 0);
const plainCosine = { method: "cosine", cap: 0, alpha: 0.5, shrinkage: 0 } as const;
const chosen = isOrdered(method) ? { method, ...METHODS[method] } : plainCosine;
const options = { ...(defaultsOf(KNOB_NAMES) as Knobs), ...chosen, top: Number(top) };
const { result, ...measured } = await measure(() =>
  findNeighbours(ratings, options, { threads: Number(threads), mayReuse: true }),
);
const { neighbours } = result;

const filled = (k: number) => k % neighbours.top < neighbours.count[Math.floor(k / neighbours.top)];
writeFileSync(
  join(out, "item.i32"),
  neighbours.item.map((i, k) => (filled(k) ? i : -1)),
);
writeFileSync(
  join(out, "score.f64"),
  Float64Array.from(neighbours.score, (s, k) => (filled(k) ? s / 1e6 : 0)),
);
console.log(JSON.stringify({ ...measured, pairs: result.pairs }));
