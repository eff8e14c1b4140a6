import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { paths } from "../../../contracts/layout.ts";
import { SimilarityMetrics, type LoadMetrics } from "../../../contracts/metrics.ts";
import { Problem } from "../../../contracts/problem.ts";
import { encodeSnapshot, type Model } from "../../../core/model/encode.ts";
import { erasedInRun } from "../../../night/state/erased-list.ts";
import type { Objects } from "../../../night/state/objects.ts";
import type { ModelFiles } from "../../../night/state/model-file.ts";
import { metricsOf, type StageContext } from "../../../night/run/stage.ts";
import { fileLiteral, openDuckDB, parquetFiles } from "../../local/duckdb.ts";
import { buildFactors } from "../../local/load/build-factors.ts";
import { itemWarnings, readModel } from "../../local/load/build-snapshot.ts";
import { storeModel } from "../../local/load/store-model.ts";
import { readFeedInCloud } from "./feed-in-cloud.ts";
import { downloadParquet } from "./download.ts";

const AGAIN = "run the night again from its similarity stage: steamer rerun --from similarity";
const KINDS = ["neighbours", "catalogue", "scopeItems", "userFactors", "itemFactors"] as const;
type Kind = (typeof KINDS)[number];

/** What a run's model is made of, read into memory. */
interface Parts {
  model: Model;
  /** What the shop's own catalogue said. */
  catalogue: LoadMetrics["catalogue"];
  factors: Awaited<ReturnType<typeof buildFactors>>;
}

/**
 * Builds the model's files as a night on one machine does, from the bucket into the bucket. The
 * same input makes the same bytes at the same place, so two deliveries of one look do no harm.
 * @throws Problem that names the file, when one is damaged.
 */
export async function buildModelInBucket(
  objects: Objects,
  context: StageContext,
): Promise<{ files: ModelFiles; warnings: string[] }> {
  const { model, factors, catalogue } = await readPartsOfRun(objects, context);
  const { shop, run } = context.manifest;
  const output = paths.load(shop, run, context.attempt);
  const built = { items: model.ids.length, snapshot: encodeSnapshot(model), factors, catalogue };
  return { files: await storeModel(objects, output, built, hash), warnings: itemWarnings(model) };
}

/** Web Crypto would copy the bytes first. */
const hash = async (data: Uint8Array) => createHash("sha256").update(data).digest("hex");

/** In a function, files take memory too: they are removed once the model is read. */
async function readPartsOfRun(objects: Objects, { manifest, settings }: StageContext): Promise<Parts> {
  const similarity = metricsOf(manifest, "similarity", SimilarityMetrics);
  const folder = await mkdtemp(join(tmpdir(), "steamer-load-"));
  try {
    for (const kind of KINDS) {
      const source = similarity[kind];
      if (source) await downloadParquet(objects, settings, source, join(folder, kind));
    }
    const db = await openDuckDB({ temporary: join(folder, "spill") });
    try {
      const relation = (kind: Kind) => parquetFiles([join(folder, kind)]);
      const hooks = { progress: () => {}, signal: new AbortController().signal };
      const feed =
        settings.catalogue &&
        (await readFeedInCloud(db.connection, { manifest, settings }, settings.catalogue, folder));
      const sources = {
        hasFeed: settings.catalogue !== undefined,
        neighbours: relation("neighbours"),
        catalogue: relation("catalogue"),
        scopes: similarity.scopeItems && relation("scopeItems"),
      };
      const { matched, ...model } = await readModel(db.connection, sources, hooks);
      const kindOf = (source: string) => KINDS.find((kind) => similarity[kind] === source)!;
      const erased = await erasedInRun(objects, manifest);
      const run = { similarity, settings, items: model.ids.length, erased };
      const factors = await buildFactors(db.connection, (source) => relation(kindOf(source)), run);
      return { model, factors, catalogue: feed ? { ...feed, matched } : undefined };
    } catch (error) {
      if (error instanceof Problem) throw error;
      throw (
        (await damagedFile(db.connection, folder, settings.data, similarity)) ??
        unreadable(manifest.run, error)
      );
    } finally {
      db.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** DuckDB does not always name the file that it could not read, so each is read again by itself. */
async function damagedFile(
  connection: DuckDBConnection,
  folder: string,
  data: string,
  similarity: SimilarityMetrics,
): Promise<Problem | undefined> {
  for (const kind of KINDS) {
    if (!similarity[kind]) continue;
    for (const name of await readdir(join(folder, kind))) {
      const path = join(folder, kind, name);
      try {
        await connection.run(`SELECT max(hash(COLUMNS(*))) FROM read_parquet(${fileLiteral(path)})`);
      } catch (cause) {
        const file = `${data}/${similarity[kind]}${name}`;
        const why = firstLine(cause).replaceAll(path, file);
        return new Problem({ doing: `Reading ${file}`, why, next: AGAIN, cause });
      }
    }
  }
  return undefined;
}

/** A Problem without a retry: DuckDB would refuse the same files again. */
function unreadable(run: string, cause: unknown): Problem {
  const why = firstLine(cause);
  const next = why.startsWith("Out of Memory")
    ? "give the load function more memory: deploy.loadMemory"
    : AGAIN;
  return new Problem({ doing: `Building the snapshot of model ${run}`, why, next, cause });
}

const firstLine = (error: unknown) => (error as Error).message.split("\n")[0];
