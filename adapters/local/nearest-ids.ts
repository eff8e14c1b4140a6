import { appendTable, CHUNK_ROWS, literal, openDuckDB, query } from "./duckdb.ts";

/**
 * The ids that look most like one that does not exist: the same but for case and blanks first, then
 * by edit distance (Damerau and Levenshtein).
 */
export async function nearestIds(ids: readonly string[], id: string, count = 3): Promise<string[]> {
  const db = await openDuckDB({ threads: 1 });
  try {
    await appendTable(db.connection, "ids", { id: "VARCHAR" }, chunks(ids));
    const rows = await query<{ id: string }>(
      db.connection,
      `SELECT id FROM ids ORDER BY lower(trim(id)) = lower(trim(${literal(id)})) DESC,
        damerau_levenshtein(lower(id), lower(${literal(id)})), id LIMIT ${count}`,
    );
    return rows.map(({ id }) => id);
  } finally {
    db.close();
  }
}

function* chunks(ids: readonly string[]) {
  for (let from = 0; from < ids.length; from += CHUNK_ROWS) yield [ids.slice(from, from + CHUNK_ROWS)];
}
