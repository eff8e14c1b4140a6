import { loadErased } from "../erased.ts";
import { loadNewIds } from "../new-ids.ts";
import type { DuckDB } from "../duckdb.ts";
import { lastDayOf, moreFiles, type Choice, type DatedRows } from "./daily-files.ts";
import type { ExportHooks, ExportRequest } from "./export-events.ts";
import type { EventFile } from "./files/input-files.ts";
import { addReused, findReusable, keepRejects, nothingReused, type Reused } from "./reuse.ts";
import type { Reasoning } from "./stage-batch.ts";
import { openStaging, stageFiles, type Staged } from "./stage-files.ts";
import { tallyRows, type Tally } from "./tally.ts";
import { windowUpTo } from "./window.ts";

/** What the files of a night came to. */
export interface ReadFiles {
  staged: Staged;
  tally: Tally;
  reused: Reused;
  /** Of each file that has rows, or a header alone. */
  dated: DatedRows[];
  /** The latest day of rows, as the names of the files have it. Undefined: there are no rows. */
  latest: string | undefined;
  /** Daily files that were left out by their names. */
  unread: EventFile[];
}

/** The share of an export's work that reading takes. */
export const READING = 0.8;

/**
 * Reads the files into the database: those that no earlier run has read alike. Where the rows
 * contradict names, it reads the files that were left out by their names, too.
 */
export async function readFiles(
  database: DuckDB,
  choice: Choice,
  request: ExportRequest,
  folder: string,
  hooks: ExportHooks,
): Promise<ReadFiles> {
  const { earlier } = request;
  const hasErased = await loadErased(database.connection, request.erased);
  const hasNewIds = await loadNewIds(database.connection, request.aliases);
  let furthest = 0;
  // What is read again shows no progress that was shown before.
  const progress = (share: number, message: string) => {
    furthest = Math.max(furthest, share);
    hooks.progress(READING * furthest, message);
  };
  const reading: Reading = {
    ...{ database, choice, request: { ...request, hasErased, hasNewIds }, folder },
    hooks: { progress, signal: hooks.signal },
  };
  if (!earlier) return (await readOthers(reading, nothingReused(choice.files)))!;
  const reused = await findReusable(choice.files, earlier, hooks.signal);
  const read = await readOthers(reading, reused);
  // A new file has rows of such a day: it is to be written anew.
  if (!read) return (await readOthers(reading, nothingReused(choice.files)))!;
  await keepRejects(database.connection, reused, earlier);
  return read;
}

interface Reading {
  database: DuckDB;
  choice: Choice;
  request: ExportRequest & Omit<Reasoning, "settings">;
  folder: string;
  hooks: ExportHooks;
}

/** Null: they have rows of a reused day. */
async function readOthers(reading: Reading, reused: Reused): Promise<ReadFiles | null> {
  const { database, choice, request, folder, hooks } = reading;
  const staged = await openStaging(database.connection);
  let [files, rest] = [reused.others, choice.rest];
  for (;;) {
    await stageFiles(database, staged, files, request, folder, hooks);
    const tally = await tallyRows(database.connection, staged);
    if ([...tally.days.keys()].some((day) => reused.days.has(day))) return null;
    addReused(tally, reused);
    const read = { staged, tally, reused, ...datesOf(staged, tally, reused), unread: rest };
    const more = read.latest === undefined ? rest : stillNeeded(rest, read, request);
    if (more.length === 0) return read;
    [files, rest] = [more, rest.filter((file) => !more.includes(file))];
  }
}

function stillNeeded(
  rest: EventFile[],
  { dated, latest }: Pick<ReadFiles, "dated" | "latest">,
  { lastDay = latest!, days }: Pick<ExportRequest, "lastDay" | "days">,
) {
  return moreFiles(rest, dated, windowUpTo(lastDay, days, lastDay));
}

function datesOf({ files }: Staged, tally: Tally, reused: Reused): Pick<ReadFiles, "dated" | "latest"> {
  const daysOf = ({ path }: EventFile) => tally.countsOf.get(path)?.days ?? new Map<string, number>();
  const read = files.filter(({ opened }) => opened).map(({ file }) => ({ file, days: daysOf(file) }));
  const known = [...reused.files].map(([file, { daily }]) => {
    const { day, interactions } = daily!;
    return { file, days: new Map(interactions > 0 ? [[day, interactions]] : []) };
  });
  const empty = files.filter(({ opened }) => !opened).map(({ file }) => file);
  const dated = [...read, ...known];
  return { dated, latest: lastDayOf(dated, empty) };
}
