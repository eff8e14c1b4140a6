import { Problem } from "../../../../contracts/problem.ts";
import { COLUMNS, type ColumnName } from "../../../../contracts/settings/events.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";

/** Column names of real shops, likeliest first. Case, spaces, `_` and `-` do not count. */
const WELL_KNOWN: Record<ColumnName, string[]> = {
  user: ["user", "userid", "visitorid", "customer", "customerid", "clientid", "buyerid", "memberid"],
  item: ["item", "itemid", "product", "productid", "sku", "stockcode", "articleid"],
  event: ["event", "eventname", "eventtype", "type", "action", "behavior", "behaviortype"],
  time: [
    "time",
    "timestamp",
    "ts",
    "eventtimestamp",
    "eventtime",
    "datetime",
    "invoicedate",
    "orderdate",
    "date",
    "createdat",
    "eventdate",
  ],
  quantity: ["quantity", "qty"],
  name: ["name", "itemname", "productname", "description", "title"],
  category: ["category", "itemcategory", "productcategory", "categoryname", "categorycode", "categoryid"],
  price: ["price", "unitprice", "itemprice"],
  // What a user belongs to is the shop's choice: it is read only where `map` names it.
  scope: [],
};

/** A flat file's name for each column; missing columns are absent. */
export type FlatColumns = Partial<Record<ColumnName, string>> & { user: string; item: string; time: string };

type ColumnSettings = Pick<Settings, "map" | "identity">;

/**
 * The columns by --map, else by their well-known names. A mapped name that the file lacks is left
 * out here.
 */
function findColumns(
  there: readonly string[],
  { map, identity }: ColumnSettings,
): Partial<Record<ColumnName, string>> {
  const found: Partial<Record<ColumnName, string>> = {};
  for (const column of COLUMNS) {
    const name = map[column] === undefined ? wellKnown(column, there, identity) : mapped(map[column], there);
    if (name !== undefined) found[column] = name;
  }
  return found;
}

/** True when these names lack one that the settings or the rows need. */
export function lacksColumns(there: readonly string[], settings: ColumnSettings): boolean {
  const found = findColumns(there, settings);
  const wanted = ["user", "item", "time", "event", ...Object.keys(settings.map)] as ColumnName[];
  return wanted.some((column) => found[column] === undefined);
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
): FlatColumns {
  const columns = requireColumns(path, there, settings.map, findColumns(there, settings));
  // Nothing would be compared with the names: views would count as purchases.
  const hasNames = Object.keys(settings.eventNames).some((name) => name !== "*");
  if (columns.event === undefined && hasNames) throw noEventColumn(path, there);
  return columns;
}

function requireColumns(
  path: string,
  there: readonly string[],
  map: Settings["map"],
  found: Partial<Record<ColumnName, string>>,
): FlatColumns {
  for (const column of COLUMNS) {
    const wanted = map[column];
    if (wanted !== undefined && found[column] === undefined)
      throw noColumn(path, there, column, `there is no column ${JSON.stringify(wanted)}`);
  }
  const { user, item, time } = found;
  if (user === undefined) throw noColumn(path, there, "user", "no column looks like the user");
  if (item === undefined) throw noColumn(path, there, "item", "no column looks like the item");
  if (time === undefined) throw noColumn(path, there, "time", "no column looks like the time");
  return { ...found, user, item, time };
}

function wellKnown(column: ColumnName, there: readonly string[], identity: Settings["identity"]) {
  const device = column === "user" ? ["userpseudoid"] : [];
  const names =
    identity === "user_pseudo_id" ? [...device, ...WELL_KNOWN[column]] : [...WELL_KNOWN[column], ...device];
  const plain = there.map((name) => name.toLowerCase().replace(/[\s_-]/g, ""));
  const position = names.map((name) => plain.indexOf(name)).find((at) => at >= 0);
  return position === undefined ? undefined : there[position];
}

function mapped(wanted: string, there: readonly string[]): string | undefined {
  if (there.includes(wanted)) return wanted;
  return there.find((name) => name.toLowerCase() === wanted.toLowerCase());
}

function noColumn(path: string, there: readonly string[], column: ColumnName, why: string): Problem {
  const names = there.slice(0, 40).map((name) => JSON.stringify(name));
  const more = there.length > 40 ? ` and ${there.length - 40} more` : "";
  return new Problem({
    doing: `Reading ${path}`,
    why: `${why}; the columns are ${names.join(", ") || "none"}${more}`,
    next: `Name it with --map ${column}=COLUMN`,
  });
}

function noEventColumn(path: string, there: readonly string[]): Problem {
  return new Problem({
    doing: `Reading ${path}`,
    why: `--event-names is given, but no column is known to hold the event; the columns are ${there.join(", ")}`,
    next: "Name it: --map event=COLUMN",
  });
}
