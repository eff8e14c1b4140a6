import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { attributionPartOf, paths } from "../../../contracts/layout.ts";
import type { ReadClicks } from "../../../night/publish/hindsight.ts";
import { addDays } from "../../../night/run/day.ts";
import { fileLiteral, literal, openDuckDB, query } from "../duckdb.ts";

/**
 * Counts what a recommender on this machine was told of a model's answers. Its files go by the days
 * of UTC, and a model serves until the night after the day: the files of three days have a shop's
 * day.
 */
export const clicksReader =
  (root: string, shop: string): ReadClicks =>
  async (model, day) => {
    const files = filesOf(
      join(root, paths.attribution(shop)),
      [-1, 0, 1].map((later) => addDays(day, later)),
    );
    if (files.length === 0) return undefined;
    const { connection, close } = await openDuckDB({ threads: 1 });
    try {
      // A line that is being written, or was torn when its process was killed, is no row. What was
      // sent again to a recommender that had forgotten it counts once.
      const rows = `read_json([${files.map(fileLiteral).join(", ")}], format = 'newline_delimited', ignore_errors = true,
        columns = {answer: 'VARCHAR', position: 'INTEGER', event: 'VARCHAR', model: 'VARCHAR'})`;
      const count = (event: string) => `(count(*) FILTER (event = '${event}'))::INTEGER`;
      const [counts] = await query<{ impressions: number; clicks: number }>(
        connection,
        `SELECT ${count("impression")} AS impressions, ${count("click")} AS clicks
         FROM (SELECT DISTINCT answer, position, event FROM ${rows} WHERE model = ${literal(model)})`,
      );
      return counts && counts.impressions > 0 ? counts : undefined;
    } finally {
      close();
    }
  };

/** All parts of these days. */
function filesOf(folder: string, days: readonly string[]): string[] {
  if (!existsSync(folder)) return [];
  const isOfDays = (name: string) => days.includes(attributionPartOf(name)?.day ?? "");
  return readdirSync(folder)
    .filter(isOfDays)
    .map((name) => join(folder, name));
}
