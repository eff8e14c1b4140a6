import { join } from "node:path";
import { paths } from "../../contracts/manifest.ts";
import type { ExportMetrics } from "../../contracts/metrics.ts";
import { parquetFiles } from "./duckdb.ts";

/** The interactions that a run has pinned (one export a day), as a relation for SQL. */
export function pinnedInteractions(root: string, shop: string, exported: ExportMetrics): string {
  return pinned(join(root, paths.interactions(shop)), exported);
}

/** What the run's events said about items, as a relation for SQL. */
export function pinnedItems(root: string, shop: string, exported: ExportMetrics): string {
  return pinned(join(root, paths.items(shop)), exported);
}

function pinned(folder: string, { days, exported }: ExportMetrics): string {
  return parquetFiles(days.map((day) => join(folder, paths.exportOf(day, exported))));
}
