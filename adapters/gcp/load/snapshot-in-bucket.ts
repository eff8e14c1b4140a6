import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { paths } from "../../../contracts/layout.ts";
import { SimilarityMetrics, type LoadMetrics } from "../../../contracts/metrics.ts";
import { Problem } from "../../../contracts/problem.ts";
import { encodeSnapshot, type Model } from "../../../core/model/encode.ts";
import type { Objects } from "../../../night/state/objects.ts";
import { metricsOf, type StageContext } from "../../../night/run/stage.ts";
import { fileLiteral, openDuckDB, parquetFiles } from "../../local/duckdb.ts";
import { readModel } from "../../local/load/build-snapshot.ts";
import { downloadParquet } from "./download.ts";

const AGAIN = "run the night again from its similarity stage: steamer rerun --from similarity";
const KINDS = ["neighbours", "catalogue"] as const;

/**
 * Builds the snapshot as a night on one machine does, from the bucket into the bucket. The same
 * files make the same bytes at the same place, so two deliveries of one look do no harm.
 * @throws Problem that names the file, when one is damaged.
 */
export async function buildSnapshotInBucket(
  objects: Objects,
  context: StageContext,
): Promise<Pick<LoadMetrics, "snapshot" | "items">> {
  const model = await readModelOfRun(objects, context);
  const bytes = encodeSnapshot(model);
  // Web Crypto would copy the bytes first.
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const { shop, run } = context.manifest;
  const path = paths.load(shop, run, context.attempt).snapshot;
  const snapshot = { path, bytes: bytes.length, sha256 };
  await objects.put(snapshot.path, bytes);
  return { snapshot, items: model.ids.length };
}

/** In a function, files take memory too: they are removed once the model is read. */
async function readModelOfRun(objects: Objects, { manifest, settings }: StageContext): Promise<Model> {
  const similarity = metricsOf(manifest, "similarity", SimilarityMetrics);
  const folder = await mkdtemp(join(tmpdir(), "steamer-load-"));
  try {
    for (const kind of KINDS) {
      await downloadParquet(objects, settings, similarity[kind], join(folder, kind));
    }
    const db = await openDuckDB({ temporary: join(folder, "spill") });
    try {
      const [neighbours, catalogue] = KINDS.map((kind) => parquetFiles([join(folder, kind)]));
      const hooks = { progress: () => {}, signal: new AbortController().signal };
      return await readModel(db.connection, { neighbours, catalogue }, hooks);
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
