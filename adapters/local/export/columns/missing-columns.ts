import { Problem } from "../../../../contracts/problem.ts";
import { listed, proposal } from "../../../../contracts/column-names.ts";
import type { ColumnName } from "../../../../contracts/settings/events.ts";
import { isData } from "./values.ts";

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

function headless(there: readonly string[]): string {
  return there.some(isData) ? "; they look like a row: does the file lack a line of column names?" : "";
}

export function noEventColumn(path: string, there: readonly string[]): Problem {
  return new Problem({
    doing: `Reading ${path}`,
    why: `--event-names is given, but no column is known to hold the event; the columns are ${there.join(", ")}`,
    next: "Name it: --map event=COLUMN",
  });
}
