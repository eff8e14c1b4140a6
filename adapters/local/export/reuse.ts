import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { DailyCounts, DayExport, InputFile } from "../../../contracts/metrics.ts";
import { addRejected } from "../../../night/run/rejected.ts";
import { fileLiteral, literal } from "../duckdb.ts";
import type { EventFile } from "./files/input-files.ts";
import { unreadable } from "./files/unreadable.ts";
import { textOfCell } from "./formulas.ts";
import type { ReadFile } from "./batches.ts";
import { noCounts, type Tally } from "./tally.ts";

/** What an earlier run has exported by the same rules. */
export interface EarlierExport {
  inputs: readonly InputFile[];
  days: readonly DayExport[];
  /** Its rejects file; null: there is none. */
  rejects: string | null;
}

/** Daily files that have not changed since an earlier run, and its exports of their days. */
export interface Reused {
  files: Map<EventFile, InputFile>;
  days: Map<string, DayExport>;
  /** The files that are to be read. */
  others: EventFile[];
}

export const nothingReused = (files: EventFile[]): Reused => ({
  files: new Map(),
  days: new Map(),
  others: files,
});

/**
 * Finds days whose files are those of an earlier run, byte for byte. Only where all its files kept
 * to their own day: else a day's rows come from several files.
 */
export async function findReusable(
  files: EventFile[],
  earlier: EarlierExport,
  signal: AbortSignal,
): Promise<Reused> {
  const known = new Map(earlier.inputs.map((input) => [input.path, input]));
  if (earlier.inputs.some(({ daily }) => !daily) || files.some(({ day }) => !day))
    return nothingReused(files);
  const unchanged = new Map<EventFile, InputFile>();
  for (const file of files) {
    const input = known.get(file.path);
    if (input?.daily?.day === file.day && input?.bytes === file.bytes)
      if ((await checksum(file, signal)) === input.sha256) unchanged.set(file, input);
  }
  const ofDay = (day: string) => files.filter((file) => file.day === day);
  const isSame = ({ day }: DayExport) =>
    ofDay(day).length > 0 &&
    ofDay(day).every((file) => unchanged.has(file)) &&
    ofDay(day).length === earlier.inputs.filter(({ daily }) => daily?.day === day).length;
  const days = new Map(earlier.days.filter(isSame).map((exported) => [exported.day, exported]));
  const isReused = (file: EventFile) => days.has(file.day!);
  return {
    files: new Map([...unchanged].filter(([file]) => isReused(file))),
    days,
    others: files.filter((file) => !isReused(file)),
  };
}

async function checksum({ path }: EventFile, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw unreadable(path, error);
  }
  return hash.digest("hex");
}

/** Adds what an earlier run has counted in these files. */
export function addReused(tally: Tally, { files }: Reused): void {
  for (const [{ path }, { rows, daily }] of files) {
    const { day, interactions, otherEvents, rejected } = daily!;
    tally.rows += rows;
    tally.countsOf.set(path, { ...noCounts(), rows });
    tally.otherEvents += otherEvents;
    tally.days.set(day, (tally.days.get(day) ?? 0) + interactions);
    addRejected(tally.rejected, rejected);
  }
  tally.days = new Map([...tally.days].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Keeps the rejects that an earlier run has found in these files. */
export async function keepRejects(
  connection: DuckDBConnection,
  { files }: Reused,
  { rejects }: EarlierExport,
): Promise<void> {
  if (rejects === null || files.size === 0) return;
  const paths = [...files.keys()].map(({ path }) => literal(path)).join(", ");
  await connection.run(
    `INSERT INTO rejects SELECT ${textOfCell("file")} AS path, line, reason, ${textOfCell('"user"')}, ${textOfCell("row")}, NULL
     FROM read_csv(${fileLiteral(rejects)}, header = true, auto_detect = false, quote = '"', escape = '"', parallel = false,
       columns = {file: 'VARCHAR', line: 'DOUBLE', reason: 'VARCHAR', "user": 'VARCHAR', row: 'VARCHAR'})
     WHERE path IN (${paths})`,
  );
}

/**
 * What a later night needs to take a file as read; undefined where it has to read it again: rows of
 * other days, or something that is said each night.
 */
export function dailyCounts({ file, opened }: ReadFile, tally: Tally): DailyCounts | undefined {
  const counts = tally.countsOf.get(file.path) ?? noCounts();
  if (!file.day || !opened) return undefined;
  const isQuiet = opened.shape === "ga4" || (opened.hasEvents && counts.otherEvents === 0);
  const [day, ...more] = counts.days.keys();
  if (!isQuiet || more.length > 0 || (day !== undefined && day !== file.day)) return undefined;
  const { otherEvents, rejected } = counts;
  return { day: file.day, interactions: counts.days.get(file.day) ?? 0, otherEvents, rejected };
}
