import { shellWord } from "./shell-word.ts";
import { COLUMNS, type ColumnName } from "./settings/events.ts";

/** A column's name without what shops write differently: case, blanks, `_` and `-`. */
export const plainName = (name: string): string => name.toLowerCase().replace(/[\s_-]/g, "");

/** What columns that nobody knows by name are likely to hold. */
const LIKELY: Partial<Record<ColumnName, RegExp>> = {
  user: /user|customer|client|visitor|member|buyer|shopper|email|kunde|session|account/,
  item: /item|product|sku|article|artikel|asin|movie|song|book|isbn|variant/,
  time: /time|date|datum|day|when|at$/,
};

/** The names for people, the first 40 of them. */
export function listed(there: readonly string[]): string {
  const names = there.slice(0, 40).map((name) => JSON.stringify(name));
  const more = there.length > 40 ? ` and ${there.length - 40} more` : "";
  return `${names.join(", ") || "none"}${more}`;
}

/** A whole `--map`: what was found, and for the rest what is likely. */
export function proposal(
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
  return `--map ${shellWord(map)}`;
}
