import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { EVENTS } from "../../../contracts/interactions.ts";
import { DEEDS } from "../../../contracts/jobs.ts";
import { formatOf } from "../../../contracts/layout.ts";
import type { Manifest } from "../../../contracts/manifest.ts";
import { SimilarityMetrics } from "../../../contracts/metrics.ts";
import { Problem } from "../../../contracts/problem.ts";
import type { Done } from "../../../core/evaluation/hindsight.ts";
import type { Asking, ReadBuyers } from "../../../night/publish/hindsight.ts";
import { metricsOf } from "../../../night/run/stage.ts";
import type { Objects } from "../../../night/state/objects.ts";
import { eachChunk, literal, openDuckDB, parquetFiles } from "../duckdb.ts";

/** Reads the buyers of a run's last day, from a folder or a bucket: they are few. */
export const buyersReader =
  (objects: Objects, manifest: Manifest): ReadBuyers =>
  async (most) => {
    const { buyers } = metricsOf(manifest, "similarity", SimilarityMetrics);
    if (buyers === undefined) return undefined;
    const stored = (await objects.list(buyers)).filter((path) => formatOf(path) === "parquet");
    if (stored.length === 0) return [];
    const folder = await mkdtemp(join(tmpdir(), "steamer-buyers-"));
    try {
      for (const path of stored) {
        const file = await objects.get(path);
        if (file) await writeFile(join(folder, basename(path)), file.data, { mode: 0o600 });
      }
      return await rowsIn(folder, manifest.lastDay, most).catch((cause: Error) => {
        const next = "nothing: the next night reads its own";
        throw new Problem({ doing: `Reading ${buyers}`, why: cause.message, next, cause });
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };

/** Texts are slow to read, so only ids come as texts. */
async function rowsIn(folder: string, day: string, most: Asking): Promise<Done[]> {
  const { connection, close } = await openDuckDB({ threads: 1 });
  try {
    const rows: Done[] = [];
    const code = `list_position([${EVENTS.map(literal).join(", ")}], event)::INTEGER - 1`;
    const columns = `"user", item, ${code}, "lastAt"::DOUBLE, day = ${literal(day)}`;
    const files = parquetFiles([folder]);
    const wanted = `
      SELECT "user" FROM (SELECT DISTINCT event, "user" FROM ${files} WHERE day = ${literal(day)})
      QUALIFY row_number() OVER (PARTITION BY event ORDER BY sha256("user"))
        <= CASE event ${DEEDS.map((deed) => `WHEN '${deed}' THEN ${most[deed]}`).join(" ")} ELSE 0 END`;
    await eachChunk(connection, `SELECT ${columns} FROM ${files} WHERE "user" IN (${wanted})`, (chunk) => {
      const [user, item, event, lastAt, isOfDay] = chunk as Columns;
      for (const [k, id] of user.entries())
        rows.push({
          user: id,
          item: item[k],
          event: EVENTS[event[k]],
          lastAt: lastAt[k],
          isOfDay: isOfDay[k],
        });
    });
    return rows;
  } finally {
    close();
  }
}

type Columns = [user: string[], item: string[], event: number[], lastAt: number[], isOfDay: boolean[]];
