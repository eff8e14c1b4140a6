import { Problem } from "../../../contracts/problem.ts";
import { MOST_COLUMNS } from "../most-columns.ts";

/** A message names so many columns. */
const NAMED_COLUMNS = 50;

/** @throws Problem with DuckDB's reason when it cannot read the file. */
export async function asking<T>(path: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    const why = (cause as Error).message.split("\n")[0];
    throw unreadable(path, why, "check the file: docs/CATALOGUE.md says what can be read", cause);
  }
}

export const reading = (path: string) => `Reading the catalogue ${path}`;

export const unreadable = (path: string, why: string, next: string, cause?: unknown) =>
  new Problem({ doing: reading(path), why, next, cause });

/** For an object with an item a key, say. */
export function noList(path: string, columns: readonly string[]) {
  const why = `it has more than ${MOST_COLUMNS} columns: ${someOf(columns)}`;
  return unreadable(path, why, "write a row an item, or an object a line");
}

export function someOf(columns: readonly string[]): string {
  const others = columns.length - NAMED_COLUMNS;
  const named = columns.slice(0, NAMED_COLUMNS).join(", ");
  return others > 0 ? `${named} and ${others} more` : named;
}
