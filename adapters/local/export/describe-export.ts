import type { InputFile } from "../../../contracts/metrics.ts";
import type { ExportRequest, ExportResult } from "./export-events.ts";
import { warningsAbout } from "./findings.ts";
import type { EventFile, IgnoredFile } from "./files/input-files.ts";
import type { ReadFile } from "./batches.ts";
import { outsideOf } from "./outside.ts";
import { dailyCounts, type Reused } from "./reuse.ts";
import type { Tally } from "./tally.ts";
import type { UnreadPrices } from "./unread-prices.ts";
import type { Window } from "./window.ts";

/**
 * An export's result, for the manifest and for people. `files` are those read, with the empty ones.
 */
export function describeExport(
  run: { tally: Tally; window: Window; days: string[]; pairs: number; files: ReadFile[]; reused: Reused } & {
    ignored: IgnoredFile[];
    unread: EventFile[];
    prices: UnreadPrices;
    reading: string[];
    warnings: string[];
    request: ExportRequest;
  },
): ExportResult {
  const { tally, window, days, files, reused } = run;
  const inWindow = days.reduce((sum, day) => sum + tally.days.get(day)!, 0);
  const accepted = [...tally.days.values()].reduce((sum, rows) => sum + rows, 0);
  const read = files.filter(({ opened }) => opened);
  const empty = files.filter(({ opened }) => !opened);
  return {
    firstDay: window.first,
    lastDay: window.last,
    days,
    reused: reused.days,
    inputs: [...read.map((each) => inputOf(each, tally, run.prices)), ...reused.files.values()].sort(byPath),
    ignored: [...run.ignored, ...empty.map(({ file }) => ({ path: file.path, why: "it is empty" }))],
    rows: tally.rows,
    interactions: inWindow,
    pairs: run.pairs,
    otherEvents: tally.otherEvents,
    rejected: tally.rejected,
    outsideWindow: accepted - inWindow,
    outside: outsideOf(window, tally.days, run.unread),
    reading: run.reading,
    warnings: [
      ...run.warnings,
      ...warningsAbout(files, tally, run.request, { inWindow, accepted, ...window }),
    ],
  };
}

const byPath = (one: InputFile, other: InputFile) => (one.path < other.path ? -1 : 1);

function inputOf(read: ReadFile, tally: Tally, { counts }: UnreadPrices): InputFile {
  const { path, bytes } = read.file;
  const input = { path, bytes, sha256: read.sha256, rows: tally.countsOf.get(path)?.rows ?? 0 };
  const daily = dailyCounts(read, tally);
  const unreadPrices = counts.get(path);
  return daily ? { ...input, daily: { ...daily, ...(unreadPrices ? { unreadPrices } : {}) } } : input;
}
