import { join } from "node:path";
import type { ExportMetrics } from "../../../contracts/metrics.ts";
import { parquetFiles } from "../duckdb.ts";

/** The interactions that a run has pinned (one export a day), as a relation for SQL. */
export function pinnedInteractions(root: string, { days }: ExportMetrics): string {
  return parquetFiles(days.map(({ interactions }) => join(root, interactions)));
}

/** The item details from the run's events, as a relation for SQL. */
export function pinnedItems(root: string, { days }: ExportMetrics): string {
  return parquetFiles(days.map(({ items }) => join(root, items)));
}
