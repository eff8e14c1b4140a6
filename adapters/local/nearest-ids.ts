import { appendTable, CHUNK_ROWS, literal, openDuckDB, query } from "./duckdb.ts";

/** How many of the nearest are named. */
const COUNT = 3;

/**
 * For each id that does not exist, those that look most like it: the same but for case and blanks
 * first, then by edit distance (Damerau and Levenshtein).
 */
export async function nearestIds(ids: readonly string[], unknown: readonly string[]): Promise<string[][]> {
  const db = await openDuckDB({ threads: 1 });
  try {
    await appendTable(db.connection, "ids", { id: "VARCHAR" }, chunks(ids));
    const nearest: string[][] = [];
    for (const id of unknown) {
      const rows = await query<{ id: string }>(
        db.connection,
        `SELECT id FROM ids ORDER BY lower(trim(id)) = lower(trim(${literal(id)})) DESC,
          damerau_levenshtein(lower(id), lower(${literal(id)})), id LIMIT ${COUNT}`,
      );
      nearest.push(rows.map(({ id }) => id));
    }
    return nearest;
  } finally {
    db.close();
  }
}

function* chunks(ids: readonly string[]) {
  for (let from = 0; from < ids.length; from += CHUNK_ROWS) yield [ids.slice(from, from + CHUNK_ROWS)];
}
