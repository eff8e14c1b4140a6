import { Problem } from "../../../../contracts/problem.ts";
import { MOST_COLUMNS } from "../../most-columns.ts";

/** @throws Problem for more columns than any export has: before DuckDB plans with them. */
export function requireFewColumns(path: string, columns: number): void {
  if (columns <= MOST_COLUMNS) return;
  throw new Problem({
    doing: `Reading ${path}`,
    why: `it has ${columns.toLocaleString("en")} columns or more, and ${MOST_COLUMNS.toLocaleString("en")} are allowed`,
    next: "Write a row an event, with a few columns: is each item, or each day, a column of its own?",
  });
}

/** For a header that does not end where it should. `bytes`: so much of it was looked at. */
export const endlessHeader = (path: string, bytes: number) =>
  new Problem({
    doing: `Reading ${path}`,
    why: `its header does not end within the first ${bytes / 1024} KiB`,
    next: "Check that its first line holds the names of columns, and that no quote in it lacks its other half",
  });
