import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { train } from "../../adapters/local/factors/train.ts";
import type { AlsKnobs } from "../../contracts/settings/als.ts";
import { trainedRows } from "../../core/factors/factor-rows.ts";
import { readDataset } from "../datasets.ts";
import { measure } from "../measure.ts";

/**
 * Our side of bench/als.ts: factors in memory from the matrix in memory. Arguments: folder, knobs
 * as JSON, threads, folder for the answer (users.f32 and items.f32, row by row).
 */
const [folder, given, threads, out] = process.argv.slice(2);
const knobs = JSON.parse(given) as AlsKnobs;
const ratings = readDataset(folder, { values: true });
const { result, ...measured } = await measure(() => train(ratings, knobs, Number(threads)));
for (const side of ["users", "items"] as const)
  writeFileSync(join(out, `${side}.f32`), trainedRows(result.workspace, side).values);
console.log(JSON.stringify(measured));
