import { join } from "node:path";
import { paths } from "../../../contracts/layout.ts";
import { SimilarityMetrics } from "../../../contracts/metrics.ts";
import { erasedInRun } from "../../../night/state/erased-list.ts";
import type { Objects } from "../../../night/state/objects.ts";
import { metricsOf } from "../../../night/run/stage.ts";
import { openItemAliases } from "../../item-aliases.ts";
import { openDuckDB, parquetFiles } from "../duckdb.ts";
import { readFeed } from "../feed/read-feed.ts";
import { feedWarnings } from "../../../night/run/feed-warnings.ts";
import { buildFactors } from "./build-factors.ts";
import { buildSnapshot } from "./build-snapshot.ts";
import { listsAhead } from "./lists-ahead.ts";
import { storeModel } from "./store-model.ts";
import { localStage } from "../local-stage.ts";

/** The load stage on this machine: it makes the snapshot, the files of factors, and lists. */
export const loadStage = (root: string, objects: Objects) =>
  localStage("load", async ({ manifest, settings, attempt }, hooks) => {
    const output = paths.load(manifest.shop, manifest.run, attempt);
    const similarity = metricsOf(manifest, "similarity", SimilarityMetrics);
    const relation = (folder: string) => parquetFiles([join(root, folder)]);
    const sources = {
      hasFeed: settings.catalogue !== undefined,
      neighbours: relation(similarity.neighbours),
      catalogue: relation(similarity.catalogue),
      scopes: similarity.scopeItems && relation(similarity.scopeItems),
    };
    const db = await openDuckDB({ threads: settings.threads, temporary: join(root, output.spill) });
    try {
      hooks.progress(0, "reading the shop's catalogue");
      const aliases = await openItemAliases(settings);
      const feed =
        settings.catalogue && (await readFeed(db.connection, settings.catalogue, settings, aliases));
      const {
        bytes: snapshot,
        items,
        matched,
        warnings,
      } = await buildSnapshot(db.connection, sources, hooks);
      const catalogue = feed ? { ...feed, matched } : undefined;
      hooks.progress(0.8, "writing factors");
      const erased = await erasedInRun(objects, manifest);
      const factors = await buildFactors(db.connection, relation, { similarity, settings, items, erased });
      const files = await storeModel(objects, output, { items, snapshot, factors, catalogue });
      const progress = (fraction: number, message?: string) => hooks.progress(0.9 + 0.1 * fraction, message);
      const openWriter = async () => (await import("../personal/store.ts")).openListWriter(root);
      const context = { manifest, settings, attempt };
      const ahead = await listsAhead({ context, objects, files, openWriter }, { ...hooks, progress });
      return {
        metrics: { ...files.loaded, ...ahead.metrics },
        warnings: [...warnings, ...feedWarnings(catalogue, items), ...ahead.warnings],
      };
    } finally {
      db.close();
    }
  });
