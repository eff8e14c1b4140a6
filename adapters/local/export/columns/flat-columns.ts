import { plainName } from "../../../../contracts/column-names.ts";
import { COLUMNS, type ColumnName } from "../../../../contracts/settings/events.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import { layoutOf, type Layout } from "./known-layouts.ts";
import { noColumn, noEventColumn } from "./missing-columns.ts";
import { isClock, isLineNumber } from "./values.ts";
import { WELL_KNOWN } from "./well-known.ts";

/** A flat file's name for each column; missing columns are absent. */
export type FlatColumns = Partial<Record<ColumnName, string>> & {
  user: string;
  item: string;
  /** The time of day, where `time` has the date alone. */
  clock?: string;
};

/** The columns of a flat file, and the known layout that they belong to. */
export interface ChosenColumns {
  columns: FlatColumns;
  layout?: Layout;
}

/** Some values of a column, from the beginning of the file. */
export type ValuesOf = (column: string) => readonly string[];

type ColumnSettings = Pick<Settings, "map" | "identity" | "undated">;
type Found = Partial<Record<ColumnName | "clock", string>>;

/**
 * The columns by --map, else by a known layout, else by their well-known names. A mapped name that
 * the file lacks is left out here.
 */
function findColumns(there: readonly string[], settings: ColumnSettings, valuesOf: ValuesOf): Found {
  const { map } = settings;
  const layout = layoutOf(there);
  const found: Found = {};
  for (const column of COLUMNS) {
    if (column === "device" && map.user !== undefined && map.device === undefined) continue;
    if (column === "time" && settings.undated !== undefined && map.time === undefined) continue;
    const name =
      map[column] === undefined
        ? (inLayout(column, there, layout) ?? wellKnown(column, there, layout, valuesOf))
        : mapped(map[column], there);
    if (name !== undefined) found[column] = name;
  }
  return identify(withClock(found, there, settings, valuesOf), settings);
}

/** The device alone counts where `identity` says so, or where no user is named. */
function identify(found: Found, { map, identity }: ColumnSettings): Found {
  const { device, ...others } = found;
  if (device === undefined || device === found.user) return others;
  const alone = found.user === undefined || (identity === "user_pseudo_id" && map.user === undefined);
  return alone ? { ...others, user: device } : found;
}

/** A date and a time of day in two columns: `time=Date+Time`, or found by their values. */
function withClock(
  found: Found,
  there: readonly string[],
  { map }: ColumnSettings,
  valuesOf: ValuesOf,
): Found {
  if (map.time !== undefined && found.time === undefined) {
    const [date, clock, ...more] = map.time.split("+").map((name) => mapped(name.trim(), there));
    return date && clock && more.length === 0 ? { ...found, time: date, clock } : found;
  }
  if (map.time !== undefined || found.time === undefined || !isClock(valuesOf(found.time))) return found;
  const date = there.find((name) => plainName(name).endsWith("date"));
  return date ? { ...found, time: date, clock: found.time } : found;
}

/** The columns that are not among these names. */
export function lackingColumns(there: readonly string[], settings: ColumnSettings): ColumnName[] {
  const found = findColumns(there, settings, () => []);
  return COLUMNS.filter((column) => found[column] === undefined);
}

/** True when these names lack one that the settings or the rows need. */
export function lacksColumns(there: readonly string[], settings: ColumnSettings): boolean {
  const wanted = ["user", "item", "event", ...Object.keys(settings.map)] as ColumnName[];
  if (settings.undated === undefined) wanted.push("time");
  const lacking = lackingColumns(there, settings);
  return wanted.some((column) => lacking.includes(column));
}

/**
 * The columns of a flat file.
 * @throws Problem for a mapped column that is missing, for a file without user, item or time, and
 * for event names without an event column.
 */
export function chooseColumns(
  path: string,
  there: readonly string[],
  settings: ColumnSettings & Pick<Settings, "eventNames">,
  valuesOf: ValuesOf = () => [],
): ChosenColumns {
  const columns = requireColumns(path, there, settings, findColumns(there, settings, valuesOf));
  // Nothing would be compared with the names: views would count as purchases.
  const hasNames = Object.keys(settings.eventNames).some((name) => name !== "*");
  if (columns.event === undefined && hasNames) throw noEventColumn(path, there);
  const layout = layoutOf(there);
  return { columns, ...(layout ? { layout } : {}) };
}

function requireColumns(
  path: string,
  there: readonly string[],
  { map, undated }: ColumnSettings,
  found: Found,
): FlatColumns {
  for (const column of COLUMNS) {
    const wanted = map[column];
    if (wanted !== undefined && found[column] === undefined)
      throw noColumn(path, there, found, column, `there is no column ${JSON.stringify(wanted)}`);
  }
  const { user, item, time } = found;
  if (user === undefined) throw noColumn(path, there, found, "user", "no column looks like the user");
  if (item === undefined) throw noColumn(path, there, found, "item", "no column looks like the item");
  if (time === undefined && undated === undefined)
    throw noColumn(path, there, found, "time", "no column looks like the time");
  return { ...found, user, item };
}

function inLayout(column: ColumnName, there: readonly string[], layout: Layout | undefined) {
  return firstOf([layout?.columns[column] ?? []].flat(), there);
}

function wellKnown(
  column: ColumnName,
  there: readonly string[],
  layout: Layout | undefined,
  valuesOf: ValuesOf,
): string | undefined {
  if (layout?.not?.includes(column)) return undefined;
  const names = WELL_KNOWN[column].flatMap((name) => firstOf([name], there) ?? []);
  if (column !== "item") return names[0];
  return names.find((name) => !isLineNumber(valuesOf(name))) ?? names[0];
}

/** The first of these plain names that a column has. */
function firstOf(names: readonly string[], there: readonly string[]): string | undefined {
  const plain = there.map(plainName);
  const position = names.map((name) => plain.indexOf(name)).find((at) => at >= 0);
  return position === undefined ? undefined : there[position];
}

function mapped(wanted: string, there: readonly string[]): string | undefined {
  if (there.includes(wanted)) return wanted;
  return there.find((name) => name.toLowerCase() === wanted.toLowerCase());
}
