import { join } from "node:path";
import { paths } from "../../../contracts/layout.ts";
import { SimilarityMetrics, type LoadMetrics } from "../../../contracts/metrics.ts";
import type { Objects } from "../../../night/state/objects.ts";
import { putFile } from "../../../night/state/model-file.ts";
import { metricsOf } from "../../../night/run/stage.ts";
import { openDuckDB, parquetFiles } from "../duckdb.ts";
import { buildFactors } from "./build-factors.ts";
import { buildSnapshot } from "./build-snapshot.ts";
import { localStage } from "../local-stage.ts";

/** The load stage on this machine: it makes the snapshot, and the files of factors. */
export const loadStage = (root: string, objects: Objects) =>
  localStage("load", async ({ manifest, settings, attempt }, hooks) => {
    const output = paths.load(manifest.shop, manifest.run, attempt);
    const similarity = metricsOf(manifest, "similarity", SimilarityMetrics);
    const sources = {
      neighbours: parquetFiles([join(root, similarity.neighbours)]),
      catalogue: parquetFiles([join(root, similarity.catalogue)]),
    };
    const relation = (folder: string) => parquetFiles([join(root, folder)]);
    const db = await openDuckDB({ threads: settings.threads, temporary: join(root, output.spill) });
    try {
      const { bytes, items } = await buildSnapshot(db.connection, sources, hooks);
      const snapshot = await putFile(objects, output.snapshot, bytes);
      hooks.progress(0.8, "writing factors");
      const files = await buildFactors(db.connection, relation, { similarity, settings, items });
      const factors = files && {
        items: await putFile(objects, output.itemFactors, files.items),
        users: await putFile(objects, output.userFactors, files.users),
      };
      return { metrics: { snapshot, items, ...(factors ? { factors } : {}) } satisfies LoadMetrics };
    } finally {
      db.close();
    }
  });
