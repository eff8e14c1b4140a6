import { join } from "node:path";
import { paths } from "../../contracts/manifest.ts";
import type { ExportMetrics } from "../../contracts/metrics.ts";
import { fileLiteral } from "./duckdb.ts";

/** The interactions that a run has pinned (one export a day), as a relation for SQL. */
export function pinnedInteractions(root: string, shop: string, exported: ExportMetrics): string {
  return pinned(join(root, paths.interactions(shop)), exported);
}

/** What the run's events said about items, as a relation for SQL. */
export function pinnedItems(root: string, shop: string, exported: ExportMetrics): string {
  return pinned(join(root, paths.items(shop)), exported);
}

/** `hive_partitioning` is off: the day is in the file, and folder names must not become columns. */
function pinned(folder: string, { days, exported }: ExportMetrics): string {
  const globs = days.map((day) => {
    const escaped = fileLiteral(join(folder, paths.exportOf(day, exported)));
    return `${escaped.slice(0, -1)}*.parquet'`;
  });
  return `read_parquet([${globs.join(", ")}], hive_partitioning = false)`;
}
