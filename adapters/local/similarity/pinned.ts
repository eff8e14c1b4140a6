import { join } from "node:path";
import type { ExportMetrics } from "../../../contracts/metrics.ts";
import { parquetFiles } from "../duckdb.ts";

/** The interactions that a run has pinned (one export a day), as a relation for SQL. */
export function pinnedInteractions(root: string, { days }: ExportMetrics): string {
  return parquetFiles(days.map(({ interactions }) => join(root, interactions)));
}

/** The reviews that a run has pinned, as a relation for SQL; undefined: there are none. */
export function pinnedReviews(root: string, { reviews }: ExportMetrics): string | undefined {
  return reviews && parquetFiles([join(root, reviews.folder)]);
}

/** The item details from the run's events, as a relation for SQL. */
export function pinnedItems(root: string, { days }: ExportMetrics): string {
  return parquetFiles(days.map(({ items }) => join(root, items)));
}
