import { join } from "node:path";
import { paths } from "../../../contracts/layout.ts";
import { SimilarityMetrics, type LoadMetrics } from "../../../contracts/metrics.ts";
import type { Objects } from "../../../night/state/objects.ts";
import { sha256 } from "../../../night/state/snapshot.ts";
import { metricsOf } from "../../../night/run/stage.ts";
import { openDuckDB, parquetFiles } from "../duckdb.ts";
import { buildSnapshot } from "./build-snapshot.ts";
import { localStage } from "../local-stage.ts";

/** The load stage on this machine: it makes the snapshot from catalogue and neighbours. */
export const loadStage = (root: string, objects: Objects) =>
  localStage("load", async ({ manifest, settings, attempt }, hooks) => {
    const output = paths.load(manifest.shop, manifest.run, attempt);
    const { neighbours, catalogue } = metricsOf(manifest, "similarity", SimilarityMetrics);
    const sources = {
      neighbours: parquetFiles([join(root, neighbours)]),
      catalogue: parquetFiles([join(root, catalogue)]),
    };
    const db = await openDuckDB({ threads: settings.threads, temporary: join(root, output.spill) });
    try {
      const { bytes, items } = await buildSnapshot(db.connection, sources, hooks);
      const snapshot = { path: output.snapshot, bytes: bytes.length, sha256: await sha256(bytes) };
      await objects.put(snapshot.path, bytes);
      return { metrics: { snapshot, items } satisfies LoadMetrics };
    } finally {
      db.close();
    }
  });
