import { Problem } from "../../../../contracts/problem.ts";
import { COLUMNS, type ColumnName } from "../../../../contracts/settings/events.ts";
import { plainName } from "./known-layouts.ts";
import { isData } from "./values.ts";

/** What columns that nobody knows by name are likely to hold. */
const LIKELY: Partial<Record<ColumnName, RegExp>> = {
  user: /user|customer|client|visitor|member|buyer|shopper|email|kunde|session|account/,
  item: /item|product|sku|article|artikel|asin|movie|song|book|isbn|variant/,
  time: /time|date|datum|day|when|at$/,
};

/** A Problem that lists the columns and proposes a whole --map, with what was found. */
export function noColumn(
  path: string,
  there: readonly string[],
  found: Partial<Record<ColumnName, string>>,
  missing: ColumnName,
  why: string,
): Problem {
  const undated = missing === "time" ? "; for a file without times: --undated YYYY-MM-DD" : "";
  return new Problem({
    doing: `Reading ${path}`,
    why: `${why}; the columns are ${listed(there)}${headless(there)}`,
    next: `Name it, for example ${proposal(there, found, missing)}${undated}`,
  });
}

function listed(there: readonly string[]): string {
  const names = there.slice(0, 40).map((name) => JSON.stringify(name));
  const more = there.length > 40 ? ` and ${there.length - 40} more` : "";
  return `${names.join(", ") || "none"}${more}`;
}

function headless(there: readonly string[]): string {
  return there.some(isData) ? "; they look like a row: does the file lack a line of column names?" : "";
}

function proposal(
  there: readonly string[],
  found: Partial<Record<ColumnName, string>>,
  missing: ColumnName,
): string {
  const taken = new Set(Object.values(found));
  const likely = (column: ColumnName) => {
    const name = there.find((each) => !taken.has(each) && LIKELY[column]?.test(plainName(each)));
    if (name !== undefined) taken.add(name);
    return name ?? "COLUMN";
  };
  const wanted = COLUMNS.filter(
    (column) => found[column] !== undefined || column === missing || column in LIKELY,
  );
  const map = wanted.map((column) => `${column}=${found[column] ?? likely(column)}`).join(",");
  return /^[\w.,=+-]+$/.test(map) ? `--map ${map}` : `--map '${map.replaceAll("'", String.raw`'\''`)}'`;
}

export function noEventColumn(path: string, there: readonly string[]): Problem {
  return new Problem({
    doing: `Reading ${path}`,
    why: `--event-names is given, but no column is known to hold the event; the columns are ${there.join(", ")}`,
    next: "Name it: --map event=COLUMN",
  });
}
