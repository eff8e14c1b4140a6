import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ErasedUsers } from "../../../contracts/erased-list.ts";
import type { ItemAliases } from "../../../contracts/item-aliases.ts";
import { paths } from "../../../contracts/layout.ts";
import type { DayExport } from "../../../contracts/metrics.ts";
import { COLUMNS, events, haveDevices, haveScopes } from "../../../contracts/settings/events.ts";
import { shapingNames } from "../../../contracts/settings/schema.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import { exported } from "../../../night/state/exports.ts";
import type { Objects } from "../../../night/state/objects.ts";
import { listRuns } from "../../../night/run/run.ts";
import { LAYOUTS } from "./columns/known-layouts.ts";
import { WELL_KNOWN } from "./columns/well-known.ts";
import type { EarlierExport } from "./reuse.ts";
import { flatRows } from "./rows/flat.ts";
import { ga4Rows } from "./rows/ga4.ts";
import { reason } from "./stage-batch.ts";
import { interactions, items } from "./write-days.ts";

/** Raise it when the same file is read otherwise, and none of the SQL below says so. */
const VERSION = 3;
/** These change nothing in what a day comes to; of `itemAlias` the file's content does. */
const OF_THE_NIGHT = ["days", "itemAlias", "rejectLimit", "robotItems", "userShareLimit"];

/** Stands for all that decides what an event file comes to: the settings, and the rules in SQL. */
export function exportRules(settings: Settings, aliases: ItemAliases | undefined): string {
  const from = "";
  const flat = { from, cell: (column: string) => column };
  const all = Object.fromEntries(COLUMNS.map((column) => [column, column]));
  const columns = { ...all, user: "user", item: "item", clock: "clock" };
  const window = { first: "", last: "" };
  const sql = [
    ga4Rows({ from, isLines: true }, settings).select,
    flatRows(flat, { columns }, settings).select,
    reason({ settings, hasErased: true }),
    interactions(window, { scopes: haveScopes(settings), devices: haveDevices(settings) }),
    items(window),
  ];
  const own = shapingNames(events)
    .filter((name) => !OF_THE_NIGHT.includes(name))
    .map((name) => settings[name as keyof Settings] ?? null);
  const rules = JSON.stringify([VERSION, own, sql, LAYOUTS, WELL_KNOWN, aliases?.sha256]);
  return createHash("sha256").update(rules).digest("hex");
}

/**
 * The export of the newest run with these rules, as far as it is still there. Undefined while an
 * erasure is not finished, too: the export may still have that user.
 */
export async function earlierExport(
  root: string,
  objects: Objects,
  { shop, rules, erased }: { shop: string; rules: string; erased: ErasedUsers },
): Promise<EarlierExport | undefined> {
  if (Object.values(erased).some(({ finished }) => !finished)) return undefined;
  const runs = await listRuns(objects, shop);
  const newest = runs.map(({ value }) => exported(value)).findLast((metrics) => metrics?.rules === rules);
  if (!newest || (newest.rejectsFile && !existsSync(join(root, newest.rejectsFile)))) return undefined;
  const files = [
    ...(await objects.list(paths.interactions(shop))),
    ...(await objects.list(paths.items(shop))),
  ];
  const isThere = (folder: string) => files.some((path) => path.startsWith(folder));
  const days = newest.days.filter((day: DayExport) => isThere(day.interactions) && isThere(day.items));
  const { inputs, rejectsFile } = newest;
  return { inputs, days, rejects: rejectsFile && join(root, rejectsFile) };
}
