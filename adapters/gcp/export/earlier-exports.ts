import { isDeepStrictEqual } from "node:util";
import type { ItemAliases } from "../../../contracts/item-aliases.ts";
import { paths } from "../../../contracts/layout.ts";
import type { Manifest } from "../../../contracts/manifest.ts";
import type { DayExport } from "../../../contracts/metrics.ts";
import { defaultsOf } from "../../../contracts/settings/settings.ts";
import type { Objects } from "../../../night/state/objects.ts";
import { exported, pinnedExports } from "../../../night/state/exports.ts";
import { listRuns } from "../../../night/run/run.ts";

/** The settings that decide the content of an export: always, of GA4's tables, of an own table. */
const SHAPING = ["dataset", "eventTable", "identity", "missingIds", "eventNames", "exportFormat"] as const;
const SHAPING_GA4 = ["ga4Scope", "ga4Streams", "ga4Hosts"] as const;
const SHAPING_OWN = ["dateColumn", "map", "orderStatuses", "timeZone"] as const;

/**
 * For each day, the export that the newest run with the same settings and old ids has pinned, if
 * its files still exist. A day whose table has not changed since need not be exported again.
 */
export async function earlierExports(
  objects: Objects,
  manifest: Manifest,
  aliases: ItemAliases | undefined,
): Promise<Map<string, DayExport>> {
  const runs = (await listRuns(objects, manifest.shop)).map(({ value }) => value);
  const isOwn = manifest.settings["eventTable"] !== undefined;
  const names = [...SHAPING, ...(isOwn ? SHAPING_OWN : SHAPING_GA4)];
  // A run from before a setting was added had its default.
  const shaping = ({ settings }: Manifest) => {
    const filled: Manifest["settings"] = { ...defaultsOf(names), ...settings };
    return names.map((name) => filled[name]);
  };
  const isAlike = (run: Manifest) =>
    isDeepStrictEqual(shaping(run), shaping(manifest)) && exported(run)?.aliases?.sha256 === aliases?.sha256;
  const files = await objects.list(paths.interactions(manifest.shop));
  const isThere = ({ interactions }: DayExport) => files.some((path) => path.startsWith(interactions));
  const pinned = runs.filter(isAlike).flatMap(pinnedExports);
  return new Map(pinned.filter(isThere).map((exported) => [exported.day, exported]));
}
