import { open } from "node:fs/promises";
import type { RejectReason } from "../../contracts/interactions.ts";
import { fileLiteral, literal, query } from "../local/duckdb.ts";
import { textOfCell } from "../local/export/formulas.ts";
import type { RowFormat } from "./row-files.ts";

/** The largest cell, of a line that could not be read at all, say. */
const LARGEST_LINE = 64 * 2 ** 20;

/**
 * Rejected rows: file, line, reason, user, row. A row is the user's if its user is. A line that
 * cannot be read names nobody: it is taken for the user's if their id stands in it.
 */
export const rejectedRows: RowFormat = {
  async rowsOf(connection, file, user) {
    const { rows, isOf } = await openRejects(file, user);
    return query(connection, `SELECT * FROM ${rows} WHERE ${isOf}`);
  },
  async copyOthers(connection, file, user, target) {
    const { rows, isOf } = await openRejects(file, user);
    await connection.run(
      `COPY (SELECT * FROM ${rows} WHERE NOT coalesce(${isOf}, false)) TO ${literal(target)} (FORMAT csv, HEADER)`,
    );
  },
};

/** SQL: the file's rows, and a test of them. */
async function openRejects(path: string, user: string): Promise<{ rows: string; isOf: string }> {
  const columns = (await headOf(path)).split(",");
  const types = columns.map((name) => `${literal(name)}: 'VARCHAR'`).join(", ");
  // One thread: several may cut a file within quotes, and misread it.
  const rows = `read_csv(${fileLiteral(path)}, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"',
    columns = {${types}}, parallel = false, max_line_size = ${LARGEST_LINE}, buffer_size = ${2 * LARGEST_LINE})`;
  // Files of before the column was added have no user.
  if (!columns.includes("user")) return { rows, isOf: standsIn("row", user) };
  const unread: RejectReason = "malformed_line";
  const isOf = `CASE WHEN reason = '${unread}' THEN ${standsIn("row", user)} ELSE ${textOfCell('"user"')} = ${literal(user)} END`;
  return { rows, isOf };
}

async function headOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    for await (const line of file.readLines()) return line;
    return "";
  } finally {
    await file.close();
  }
}

/** SQL: true where an id stands in a text: as it is, or as CSV or JSON write it within quotes. */
function standsIn(column: string, id: string): string {
  const forms = [...new Set([id, id.replaceAll('"', '""'), JSON.stringify(id).slice(1, -1)])];
  const edge = "[^\\pL\\pN]";
  const tests = forms.map(
    (form) =>
      `regexp_matches("${column}", '(^|${edge})' || regexp_escape(${literal(form)}) || '(${edge}|$)')`,
  );
  return `(${tests.join(" OR ")})`;
}
