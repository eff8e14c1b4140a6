import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { ErasedUsers } from "../../../contracts/erased-list.ts";
import type { ItemAliases } from "../../../contracts/item-aliases.ts";
import type { RejectReason } from "../../../contracts/interactions.ts";
import type { DayExport, InputFile, Outside } from "../../../contracts/metrics.ts";
import { haveDevices, haveScopes } from "../../../contracts/settings/events.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import { adviceOn } from "./advice.ts";
import { areDaily, latestRows } from "./daily-files.ts";
import { untilAborted } from "../duckdb.ts";
import { describeExport } from "./describe-export.ts";
import { aboutNames, allEmpty, noInteractions, unnamedEvents } from "./findings.ts";
import { readEvents, type ReadEvents } from "./read-events.ts";
import { READING } from "./read-files.ts";
import { howRead } from "./reading.ts";
import { aboutPrices, findUnreadPrices } from "./unread-prices.ts";
import { checkRejectLimit, writeRejects } from "./rejects.ts";
import type { RowSettings } from "./rows/open-rows.ts";
import type { IgnoredFile } from "./files/input-files.ts";
import type { EarlierExport } from "./reuse.ts";
import type { Staged } from "./stage-files.ts";
import { isHeaderAlone, otherEventNames, type Tally } from "./tally.ts";
import { checkMissingDays, noEventsOn, windowUpTo, type Window } from "./window.ts";
import { interactions, items, writeDays, type Days } from "./write-days.ts";

export interface ExportRequest
  extends
    RowSettings,
    Pick<Settings, "events" | "intraday" | "allowMissingDays" | "rejectLimit" | "threads"> {
  /** The last day to read; by default the latest in the events. */
  lastDay?: string;
  days: number | "all";
  /** Users whose events up to a time do not count. */
  erased?: ErasedUsers;
  /** Ids that items had once. */
  aliases?: ItemAliases;
  /** Files that have not changed since then are not read again. */
  earlier?: EarlierExport;
}

export interface ExportTarget {
  /** Folder that gets `day=<day>/export=<attempt>/part-0.parquet` of Interactions. */
  interactions: string;
  /** The same, of ItemRows. */
  items: string;
  /** The CSV file of rejected rows: file, line, reason, user, row. */
  rejects: string;
  attempt: string;
  /** A folder for data that does not fit in memory; it is removed in the end. */
  temporary: string;
}

export interface ExportResult {
  /** The window. With all days it begins on the first day that has interactions. */
  firstDay: string;
  lastDay: string;
  /** The days that have interactions. */
  days: string[];
  /** Of them, those of an earlier run that stand unchanged. */
  reused: Map<string, DayExport>;
  inputs: InputFile[];
  ignored: IgnoredFile[];
  /**
   * Rows read, one for each event and item. The sum of interactions, rejected, otherEvents and
   * outsideWindow.
   */
  rows: number;
  /** The sum of the counts written. */
  interactions: number;
  /** Rows written now: one for each user, item, event and day. */
  pairs: number;
  otherEvents: number;
  rejected: Partial<Record<RejectReason, number>>;
  outsideWindow: number;
  outside: Outside;
  /** How flat files were read: what was taken for what. */
  reading: string[];
  warnings: string[];
}

export interface ExportHooks {
  progress(fraction: number, message: string): void;
  signal: AbortSignal;
}

/**
 * Reads a shop's event files and writes its interactions and items, a file for each day.
 * @param read what was read of the same files by the same request; it is closed in the end
 * @throws Problem that names file, line or column and the next step; `signal.reason` when aborted.
 */
export async function exportEvents(
  request: ExportRequest,
  target: ExportTarget,
  hooks: ExportHooks,
  read?: ReadEvents,
): Promise<ExportResult> {
  const events = read ?? (await readEvents(request, target.temporary, hooks));
  const { connection } = events.database;
  try {
    return await untilAborted(connection, hooks.signal, () => exportRead(events, request, target, hooks));
  } finally {
    await events.close();
    await rm(target.temporary, { recursive: true, force: true });
  }
}

async function exportRead(
  events: ReadEvents,
  request: ExportRequest,
  target: ExportTarget,
  hooks: ExportHooks,
): Promise<ExportResult> {
  const { found, staged, tally, reused, unread, database } = events;
  const { connection } = database;
  if (staged.parts.length === 0 && reused.files.size === 0) throw allEmpty(request.events);
  await settleRejects(connection, { staged, tally }, request, target);
  const { window, missing } = await settleWindow(connection, events, request);
  const unnamed = await unnamedEvents(connection, staged);
  const days = [...tally.days.keys()].filter((day) => day >= window.first && day <= window.last);
  const newDays = days.filter((day) => !reused.days.has(day));
  const pairs = await writeAll(connection, { days: newDays, request }, target, hooks);
  const prices = await findUnreadPrices(connection, staged);
  return describeExport({
    ...{ tally, window, days, pairs, reused, unread, prices, request },
    files: staged.files,
    ignored: found.ignored,
    reading: await howRead(connection, staged),
    warnings: [...missing, ...aboutNames(events), ...unnamed, ...aboutPrices(prices, reused)],
  });
}

async function settleRejects(
  connection: DuckDBConnection,
  { staged, tally }: { staged: Staged; tally: Tally },
  request: ExportRequest,
  target: ExportTarget,
): Promise<void> {
  await mkdir(dirname(target.rejects), { recursive: true });
  await writeRejects(connection, tally, target.rejects);
  await checkRejectLimit(connection, staged.files, tally, {
    limit: request.rejectLimit,
    rejects: target.rejects,
  });
}

/** @returns with the window what is to be said of days without a file. */
async function settleWindow(
  connection: DuckDBConnection,
  { staged, tally, dated, latest }: ReadEvents,
  request: ExportRequest,
): Promise<{ window: Window; missing: string[] }> {
  const days = [...tally.days.keys()];
  if (days.length === 0)
    throw noInteractions(request.events, tally, {
      others: await otherEventNames(connection),
      advice: await adviceOn(connection, staged.files, tally.rejected),
    });
  const lastDay = request.lastDay ?? latest!;
  const isClosed = dated.some(({ file }) => file.day === lastDay && isHeaderAlone(file, tally));
  if (!tally.days.has(lastDay) && !isClosed) throw noEventsOn(lastDay, latestRows(dated)!);
  const window = windowUpTo(lastDay, request.days, days[0]);
  return { window, missing: missingDays(window, { staged, tally, dated }, request) };
}

function missingDays(
  window: Window,
  { staged, tally, dated }: Pick<ReadEvents, "staged" | "tally" | "dated">,
  { allowMissingDays: allowed }: ExportRequest,
): string[] {
  if (!areDaily(dated)) return [];
  const files = [...staged.files, ...dated].map(({ file }) => file);
  const named = files.flatMap(({ day }) => day ?? []).sort();
  return checkMissingDays(window, named, { has: (day) => tally.days.has(day), allowed });
}

async function writeAll(
  connection: DuckDBConnection,
  { days, request }: { days: string[]; request: ExportRequest },
  target: ExportTarget,
  hooks: ExportHooks,
): Promise<number> {
  hooks.signal.throwIfAborted();
  await mkdir(target.temporary, { recursive: true });
  hooks.progress(READING, "writing interactions");
  const write = (select: (window: Days) => string, folder: string) =>
    writeDays(connection, select, days, {
      ...{ folder, attempt: target.attempt },
      temporary: join(target.temporary, "days"),
    });
  const have = { scopes: haveScopes(request), devices: haveDevices(request) };
  const pairs = await write((window) => interactions(window, have), target.interactions);
  hooks.signal.throwIfAborted();
  hooks.progress((1 + READING) / 2, "writing items");
  await write(items, target.items);
  hooks.signal.throwIfAborted();
  hooks.progress(1, "interactions written");
  return pairs;
}
