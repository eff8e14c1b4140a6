import type { DuckDBConnection } from "@duckdb/node-api";
import { query } from "../duckdb.ts";
import type { Reused } from "./reuse.ts";
import { numberText } from "./rows/number.ts";
import type { Staged } from "./stage-files.ts";

/** Prices of flat files that are no numbers, or could be two. */
export interface UnreadPrices {
  /** How many, by the path of the file. */
  counts: ReadonlyMap<string, number>;
  example?: string;
}

export async function findUnreadPrices(
  connection: DuckDBConnection,
  { files, parts }: Staged,
): Promise<UnreadPrices> {
  if (!files.some(({ opened }) => opened?.chosen?.columns.price !== undefined)) return { counts: new Map() };
  const found = await query<{ part: number; rows: number; example: string }>(
    connection,
    `SELECT part, sum(n)::DOUBLE AS rows, min(price) AS example
     FROM (SELECT part, price, count(*) AS n FROM staged WHERE reason IS NULL AND price <> '' GROUP BY ALL)
     WHERE TRY_CAST(${numberText("price")} AS DOUBLE) IS NULL GROUP BY part`,
  );
  const counts = new Map<string, number>();
  for (const { part, rows } of found) {
    const { path } = parts[part].file;
    counts.set(path, (counts.get(path) ?? 0) + rows);
  }
  const [example] = found.map((each) => each.example).sort();
  return { counts, ...(example === undefined ? {} : { example }) };
}

/** A warning about them, with those of days that an earlier run has read. */
export function aboutPrices({ counts, example }: UnreadPrices, { files }: Reused): string[] {
  const earlier = [...files.values()].map(({ daily }) => daily?.unreadPrices ?? 0);
  const sum = [...counts.values(), ...earlier].reduce((total, rows) => total + rows, 0);
  if (sum === 0) return [];
  const such = example === undefined ? "" : `, such as ${JSON.stringify(example)}`;
  return [`${sum.toLocaleString("en")} prices are left out${such}: no numbers, or not clear which`];
}
