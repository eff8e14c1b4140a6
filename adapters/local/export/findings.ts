import type { DuckDBConnection } from "@duckdb/node-api";
import { Problem } from "../../../contracts/problem.ts";
import { shellWord } from "../../../contracts/shell-word.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import type { ReadFile } from "./batches.ts";
import { agrees, type DatedRows } from "./daily-files.ts";
import type { EventFile } from "./files/input-files.ts";
import type { ReadFiles } from "./read-files.ts";
import { KEPT_OF_EACH_REASON, reasonsOf } from "./rejects.ts";
import type { Staged } from "./stage-files.ts";
import { isHeaderAlone, otherEventNames, type Tally } from "./tally.ts";

/** Warnings for a person about a run that went well. */
export function warningsAbout(
  files: ReadFile[],
  tally: Tally,
  { map }: Pick<Settings, "map">,
  window: { inWindow: number; accepted: number; first: string; last: string },
): string[] {
  const empty = files.filter(({ opened }) => !opened);
  const eventless = files.filter(({ opened }) => opened && !opened.hasEvents);
  const ga4 = files.filter(({ opened }) => opened?.shape === "ga4");
  const repeated = tally.headings - files.filter(({ opened }) => opened?.csv).length;
  const capped = Object.entries(tally.rejected).filter(([, n]) => n > KEPT_OF_EACH_REASON);
  const warnings: [boolean, () => string][] = [
    [empty.length > 0, () => `${where(empty)}: empty, ignored`],
    [
      eventless.length > 0,
      () => `${where(eventless)}: no event column, so every row is a purchase (--map event=COLUMN)`,
    ],
    [
      ga4.length > 0 && Object.keys(map).length > 0,
      () => `${where(ga4)}: a GA4 export, to which --map does not apply`,
    ],
    [repeated > 0, () => `${repeated} header lines in the middle of CSV files were dropped`],
    [
      capped.length > 0,
      () =>
        `the rejects file has only the first ${KEPT_OF_EACH_REASON} rows of: ${capped.map(([reason]) => reason).join(", ")}`,
    ],
    [
      window.inWindow < 0.001 * window.accepted,
      () => `hardly any events lie in ${window.first} to ${window.last}: is a clock wrong? (--last-day)`,
    ],
  ];
  return warnings.filter(([holds]) => holds).map(([, text]) => text());
}

/** What is to be said where rows are not of the days in names. */
export function aboutNames({ dated, tally }: ReadFiles): string[] {
  const others = new Set(dated.map(({ file }) => file.day)).size > 1 ? dated.filter(isOfOtherDays) : [];
  const closed = dated.filter(({ file }) => file.day !== undefined && isHeaderAlone(file, tally));
  return [
    ...(others.length > 0
      ? [
          `${where(others)}: the rows are of other days than the name says, so all rows are read by their own day`,
        ]
      : []),
    ...(closed.length > 0 ? [`${where(closed)}: a header alone, so nothing happened on that day`] : []),
  ];
}

/**
 * Other events are normal in a GA4 export. In a shop's own file they may be ours under another
 * name.
 */
export async function unnamedEvents(
  connection: DuckDBConnection,
  { files, parts }: Staged,
): Promise<string[]> {
  const flat = new Set(files.filter(({ opened }) => opened?.shape === "flat").map(({ file }) => file));
  const ofFlat = parts.filter(({ file }) => flat.has(file)).map(({ id }) => id);
  const others = ofFlat.length > 0 ? await otherEventNames(connection, ofFlat) : [];
  if (others.length === 0) return [];
  const names = others.map(({ name, count }) => `${name} (${count.toLocaleString("en")})`).join(", ");
  return [
    `left out events of other kinds: ${names}; if some of them count: --event-names ${shellWord(`${others[0].name}=view_item`)}`,
  ];
}

const isOfOtherDays = (read: DatedRows) => read.file.day !== undefined && !agrees(read);

/** The first of some files, for a person. */
const where = (chosen: readonly { file: EventFile }[]) =>
  chosen.length === 1 ? chosen[0].file.path : `${chosen[0].file.path} and ${chosen.length - 1} more files`;

export function allEmpty(events: string[]): Problem {
  return new Problem({
    doing: `Reading ${events.join(", ")}`,
    why: "the files are all empty",
    next: "Check the export that wrote them",
  });
}

/** For files that were read but hold no interaction. `advice`: on rows that were rejected. */
export function noInteractions(
  events: string[],
  { rows, rejected }: Tally,
  { others, advice }: { others: { name: string; count: number }[]; advice: string },
): Problem {
  const names = others.map(({ name, count }) => `${name} (${count.toLocaleString("en")})`).join(", ");
  const reasons = [
    names && `other events: ${names}`,
    reasonsOf(rejected) && `rejected: ${reasonsOf(rejected)}`,
  ];
  return new Problem({
    doing: `Reading ${events.join(", ")}`,
    why:
      rows === 0
        ? "there are no rows"
        : `none of the ${rows.toLocaleString("en")} rows is a view_item, add_to_cart or purchase that counts; ${reasons.filter(Boolean).join("; ")}`,
    next: names
      ? `Say what the names mean: --event-names ${shellWord(`${others[0]!.name}=view_item`)},…`
      : capital(advice),
  });
}

const capital = (text: string) => text[0]!.toUpperCase() + text.slice(1);
