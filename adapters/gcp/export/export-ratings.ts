import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { REVIEWS_DATABASE } from "../../../contracts/google-names.ts";
import { exportName, PART, paths } from "../../../contracts/layout.ts";
import type { ExportMetrics, ReviewCounts } from "../../../contracts/metrics.ts";
import { daysUpTo } from "../../../night/run/day.ts";
import type { StageContext } from "../../../night/run/stage.ts";
import { readErased } from "../../../night/state/erased-list.ts";
import { GenerationConflict, type Objects } from "../../../night/state/objects.ts";
import { openItemAliases } from "../../item-aliases.ts";
import { fileLiteral, openDuckDB } from "../../local/duckdb.ts";
import { countRatings, exportReviews } from "../../local/export/export-reviews.ts";
import { asking, ifThere } from "../failures.ts";
import { openCloudReviews } from "../reviews/store.ts";

/** Nobody waits for an answer. */
const PATIENT_MS = 60_000;
const MAY_READ = `the function's service account needs roles/datastore.viewer on the database ${REVIEWS_DATABASE}; \`infra/deploy\` grants it`;

/**
 * Writes the ratings of a shop that takes reviews, anew each night: scores come late.
 * @returns nothing where there are none, or no such database.
 * @throws Problem when they may not be read: without them, customers would see what they disliked.
 */
export async function exportRatings(
  objects: Objects,
  context: StageContext,
): Promise<Pick<ExportMetrics, "reviews">> {
  const { manifest, settings, attempt } = context;
  if (!settings["reviews.on"]) return {};
  const scratch = await mkdtemp(join(tmpdir(), "steamer-ratings-"));
  try {
    const file = join(scratch, PART);
    const written = await writeRatings(objects, context, file);
    if (!written) return {};
    const folder = paths.reviewRowsOf(manifest.shop, exportName(manifest.run, attempt));
    return { reviews: { folder, ...((await storeOnce(objects, folder + PART, file)) ?? written) } };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function writeRatings(objects: Objects, { manifest, settings }: StageContext, file: string) {
  const { shop, lastDay } = manifest;
  const { reviews } = await openCloudReviews(settings, { patientMs: PATIENT_MS, failed: () => {} });
  const written: typeof reviews.written = async (...part) => {
    const ask = () => ifThere(() => reviews.written(...part));
    return (await asking(`Reading the reviews of ${shop}`, MAY_READ, ask)) ?? { reviews: [], next: null };
  };
  const erased = await readErased(objects, shop);
  const aliases = await openItemAliases(settings);
  const [firstDay] = daysUpTo(lastDay, settings.days);
  const request = { ...settings, firstDay, erased, ...(aliases ? { aliases } : {}) };
  return exportReviews({ written }, request, file, new AbortController().signal);
}

/**
 * Of two looks at once the first one's file counts, which may be read already.
 * @returns the counts of what was stored before, if it was.
 */
async function storeOnce(objects: Objects, path: string, file: string): Promise<ReviewCounts | undefined> {
  try {
    await objects.put(path, await readFile(file), { ifGeneration: null });
    return undefined;
  } catch (error) {
    if (!(error instanceof GenerationConflict)) throw error;
  }
  await writeFile(file, (await objects.get(path))!.data);
  const db = await openDuckDB({ threads: 1 });
  try {
    return await countRatings(db.connection, `read_parquet(${fileLiteral(file)})`);
  } finally {
    db.close();
  }
}
