import type { ExportRequest, ExportResult } from "./export-events.ts";
import { warningsAbout } from "./findings.ts";
import type { IgnoredFile } from "./files/input-files.ts";
import type { ReadFile } from "./batches.ts";
import type { Tally } from "./tally.ts";
import type { Window } from "./window.ts";

/**
 * An export's result, for the manifest and for people. `files` are those read, with the empty ones.
 */
export function describeExport(
  run: { tally: Tally; window: Window; days: string[]; pairs: number; files: ReadFile[] } & {
    ignored: IgnoredFile[];
    reading: string[];
    warnings: string[];
    request: ExportRequest;
  },
): ExportResult {
  const { tally, window, days, files } = run;
  const inWindow = days.reduce((sum, day) => sum + tally.days.get(day)!, 0);
  const accepted = [...tally.days.values()].reduce((sum, rows) => sum + rows, 0);
  const read = files.filter(({ opened }) => opened);
  const empty = files.filter(({ opened }) => !opened);
  return {
    firstDay: window.first,
    lastDay: window.last,
    days,
    inputs: read.map(({ file: { path, bytes }, sha256 }) => ({
      path,
      bytes,
      sha256,
      rows: tally.rowsOf.get(path) ?? 0,
    })),
    ignored: [...run.ignored, ...empty.map(({ file }) => ({ path: file.path, why: "it is empty" }))],
    rows: tally.rows,
    interactions: inWindow,
    pairs: run.pairs,
    otherEvents: tally.otherEvents,
    rejected: tally.rejected,
    outsideWindow: accepted - inWindow,
    reading: run.reading,
    warnings: [
      ...run.warnings,
      ...warningsAbout(files, tally, run.request, { inWindow, accepted, ...window }),
    ],
  };
}
