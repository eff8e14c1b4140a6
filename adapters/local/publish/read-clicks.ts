import { existsSync } from "node:fs";
import { join } from "node:path";
import { paths } from "../../../contracts/layout.ts";
import type { ReadClicks } from "../../../night/publish/hindsight.ts";
import { addDays } from "../../../night/run/day.ts";
import { fileLiteral, literal, openDuckDB, query } from "../duckdb.ts";

/**
 * Counts what a recommender on this machine was told of a model's answers. Its files go by the days
 * of UTC, and a model serves until the night after the day: three files have a shop's day.
 */
export const clicksReader =
  (root: string, shop: string): ReadClicks =>
  async (model, day) => {
    const files = [-1, 0, 1]
      .map((later) => join(root, paths.attribution(shop), paths.attributionOf(addDays(day, later))))
      .filter((file) => existsSync(file));
    if (files.length === 0) return undefined;
    const { connection, close } = await openDuckDB({ threads: 1 });
    try {
      // The recommender may be writing the last line.
      const rows = `read_json([${files.map(fileLiteral).join(", ")}], format = 'newline_delimited', ignore_errors = true,
        columns = {event: 'VARCHAR', model: 'VARCHAR'})`;
      const count = (event: string) => `(count(*) FILTER (event = '${event}'))::INTEGER`;
      const [counts] = await query<{ impressions: number; clicks: number }>(
        connection,
        `SELECT ${count("impression")} AS impressions, ${count("click")} AS clicks
         FROM ${rows} WHERE model = ${literal(model)}`,
      );
      return counts && counts.impressions > 0 ? counts : undefined;
    } finally {
      close();
    }
  };
