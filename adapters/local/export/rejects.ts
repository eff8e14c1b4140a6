import { readFile } from "node:fs/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import { REJECT_REASONS, type RejectReason } from "../../../contracts/interactions.ts";
import { Problem } from "../../../contracts/problem.ts";
import { appendChunks, CHUNK_ROWS, literal, query } from "../duckdb.ts";
import { adviceOn } from "./advice.ts";
import type { Batch, Part, ReadFile } from "./batches.ts";
import { pickLines } from "./files/whole-lines.ts";
import { withoutFormula } from "./formulas.ts";
import { damagedRows, type Tally } from "./tally.ts";

/** The rejects file keeps so many rows of each reason; the counts are always of all. */
export const KEPT_OF_EACH_REASON = 100_000;
/** Characters of a row that it keeps. Readers of CSV refuse lines of megabytes. */
const KEPT_OF_A_ROW = 100_000;

/** Rows of erased users are not kept aside: nothing of them is to be kept. */
const KEPT = (Object.keys(REJECT_REASONS) as RejectReason[]).filter((reason): boolean => reason !== "erased");

/** The reasons whose rows are kept aside. */
export const reasonsKept = (rejected: Tally["rejected"]): string[] =>
  Object.keys(rejected).filter((reason) => KEPT.includes(reason as RejectReason));

/** A line that cannot be read names no user. */
interface Reject {
  file: string;
  line: number;
  reason: string;
  user: string | null;
  row: string | null;
  /** Why the reader refuses it. */
  detail: string | null;
}

interface FoundRow extends Omit<Reject, "file" | "detail"> {
  part: number;
}

/** The rejected rows of a night, in the table `rejects`. */
export class Rejects {
  readonly #kept = new Map<string, number>();

  static async open(connection: DuckDBConnection): Promise<Rejects> {
    await connection.run(
      `CREATE TABLE rejects (file VARCHAR, line DOUBLE, reason VARCHAR, "user" VARCHAR, row VARCHAR, detail VARCHAR)`,
    );
    return new Rejects();
  }

  /**
   * Keeps those of a batch that is staged.
   * @param starts of CSV: the number of each part's first record
   */
  async keep(connection: DuckDBConnection, batch: Batch, starts: Map<number, number>): Promise<void> {
    const { parts, opened } = batch;
    const found = await query<FoundRow>(connection, this.#rows(parts));
    const refused = opened.csv ? await refusedLines(connection, parts) : [];
    if (found.length + refused.length === 0) return;
    const isLines = opened.rows.text === null;
    const rowsOf = Map.groupBy(found, ({ part }) => part);
    const refusedOf = Map.groupBy(refused, ({ path }) => path);
    const rejects: Reject[][] = [];
    let before = 0;
    for (const part of parts) {
      const rows = rowsOf.get(part.id) ?? [];
      const lines = refusedOf.get(part.path) ?? [];
      if (opened.csv) rejects.push(ofRecords(part, rows, lines, starts.get(part.id) ?? 1));
      else if (isLines) rejects.push(await ofLines(part, rows, before));
      else rejects.push(rows.map((row) => rejectOf(part, row, row.line)));
      before += part.filled;
    }
    await this.#append(connection, rejects.flat());
  }

  /** SQL for the first rows of each reason that has room. */
  #rows(parts: Part[]): string {
    const reasons = KEPT.filter((reason) => this.#room(reason) > 0).map(literal);
    return `SELECT part, line::DOUBLE AS line, reason, "user", row FROM staged
      WHERE part BETWEEN ${parts[0].id} AND ${parts.at(-1)!.id} AND reason IN (${reasons.join(", ")}, '')
      QUALIFY row_number() OVER (PARTITION BY reason ORDER BY part, line) <= ${KEPT_OF_EACH_REASON}
      ORDER BY part, line`;
  }

  #room = (reason: string) => KEPT_OF_EACH_REASON - (this.#kept.get(reason) ?? 0);

  async #append(connection: DuckDBConnection, all: Reject[]): Promise<void> {
    const rejects = all.filter(({ reason }) => {
      const hasRoom = this.#room(reason) > 0;
      if (hasRoom) this.#kept.set(reason, (this.#kept.get(reason) ?? 0) + 1);
      return hasRoom;
    });
    function* chunks() {
      for (let k = 0; k < rejects.length; k += CHUNK_ROWS) {
        const some = rejects.slice(k, k + CHUNK_ROWS);
        const column = (name: keyof Reject) => some.map((reject) => reject[name]);
        yield [
          column("file"),
          column("line"),
          column("reason"),
          column("user"),
          column("row"),
          column("detail"),
        ];
      }
    }
    const text = "VARCHAR" as const;
    await appendChunks(connection, "rejects", [text, "DOUBLE", text, text, text, text], chunks());
  }
}

const rejectOf = ({ file }: Part, { reason, user, row }: FoundRow, line: number): Reject => ({
  ...{ file: file.path, line, reason, user, row },
  detail: null,
});

/** Rows that are lines of their file: `line` counts on over the parts of the batch. */
async function ofLines(part: Part, rows: FoundRow[], before: number): Promise<Reject[]> {
  if (rows.length === 0) return [];
  const numbers = [...new Set(rows.map(({ line }) => line - before))];
  const picked = pickLines(await readFile(part.path), numbers);
  const byNumber = new Map(numbers.map((number, k) => [number, picked[k]]));
  return rows.map((row) => {
    const { line, text } = byNumber.get(row.line - before)!;
    return { ...rejectOf(part, row, part.linesBefore + line), row: text };
  });
}

interface RefusedLine {
  path: string;
  line: number;
  row: string | null;
  detail: string | null;
}

/** The CSV reader's rejects: one entry for each line. */
function refusedLines(connection: DuckDBConnection, parts: Part[]): Promise<RefusedLine[]> {
  const paths = parts.map(({ path }) => literal(path)).join(", ");
  return query(
    connection,
    `SELECT file_path AS path, line::DOUBLE AS line, min(csv_line) AS row, min(error_message) AS detail
     FROM reject_errors JOIN reject_scans USING (scan_id, file_id)
     WHERE file_path IN (${paths}) GROUP BY ALL ORDER BY path, line LIMIT ${KEPT_OF_EACH_REASON}`,
  );
}

/**
 * The reader numbers only readable records, so a record moves down by the refused lines above it.
 * A part with empty lines or cells of several lines keeps record numbers.
 */
function ofRecords(part: Part, rows: FoundRow[], refused: RefusedLine[], first: number): Reject[] {
  let above = 0;
  const readable = rows.map((row) => {
    const record = row.line - first + 1;
    while (above < refused.length && refused[above].line - above <= record) above++;
    return rejectOf(part, row, part.linesBefore + record + above);
  });
  const unreadable = refused.map(({ line, row, detail }) => ({
    ...{ file: part.file.path, line: part.linesBefore + line, reason: "malformed_line" },
    ...{ user: null, row, detail },
  }));
  return [...readable, ...unreadable];
}

const cell = (column: string) => `${withoutFormula(`left(${column}, ${KEPT_OF_A_ROW})`)} AS ${column}`;

/**
 * Writes the rejects file: file, line, reason, user, row. Without rows to keep aside there is no
 * file.
 */
export async function writeRejects(
  connection: DuckDBConnection,
  { rejected }: Tally,
  target: string,
): Promise<void> {
  if (reasonsKept(rejected).length === 0) return;
  await connection.run(
    `COPY (SELECT ${cell("file")}, line::BIGINT AS line, reason, ${cell('"user"')}, ${cell("row")}
       FROM rejects ORDER BY reason, file, line)
     TO ${literal(target)} (FORMAT csv, HEADER)`,
  );
}

/** @throws Problem when more than `limit` (a share) of all rows are damaged. */
export async function checkRejectLimit(
  connection: DuckDBConnection,
  files: readonly ReadFile[],
  { rows, rejected }: Tally,
  { limit, rejects }: { limit: number; rejects: string },
): Promise<void> {
  const damaged = damagedRows(rejected);
  if (damaged <= limit * rows) return;
  throw new Problem({
    doing: "Reading the events",
    why:
      `${damaged.toLocaleString("en")} of ${rows.toLocaleString("en")} rows are damaged, ` +
      `${percent(damaged / rows)} where ${percent(limit)} is allowed: ${reasonsOf(rejected, true)}` +
      (await firstDamaged(connection, rejected)),
    next: `Look at the rejected rows in ${rejects}; ${await adviceOn(connection, files, rejected)}; or raise --reject-limit`,
  });
}

/** "3 bad_time (the time is missing…), 1 no_item (…)". */
export function reasonsOf(rejected: Tally["rejected"], damagedOnly = false): string {
  return (Object.entries(rejected) as [RejectReason, number][])
    .filter(([reason]) => !damagedOnly || REJECT_REASONS[reason].damaged)
    .map(([reason, n]) => `${n.toLocaleString("en")} ${reason} (${REJECT_REASONS[reason].means})`)
    .join(", ");
}

/** An example of the most frequent reason. */
async function firstDamaged(connection: DuckDBConnection, rejected: Tally["rejected"]): Promise<string> {
  const reasons = KEPT.filter((name) => REJECT_REASONS[name].damaged);
  const countOf = (name: RejectReason) => rejected[name] ?? 0;
  const reason = reasons.reduce((most, other) => (countOf(other) > countOf(most) ? other : most));
  const [first] = await query<Reject>(
    connection,
    `SELECT file, line, left(row, 200) AS row, detail FROM rejects
     WHERE reason = ${literal(reason)} ORDER BY file, line LIMIT 1`,
  );
  if (!first) return "";
  const detail = first.detail ? ` (${first.detail.split("\n")[0]})` : "";
  return `; for example ${first.file}, line ${first.line}: ${first.row}${detail}`;
}

function percent(share: number): string {
  return `${(100 * share).toLocaleString("en", { maximumFractionDigits: 2 })} %`;
}
