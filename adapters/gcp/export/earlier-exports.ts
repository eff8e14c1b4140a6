import { isDeepStrictEqual } from "node:util";
import { paths } from "../../../contracts/layout.ts";
import type { Manifest } from "../../../contracts/manifest.ts";
import type { DayExport } from "../../../contracts/metrics.ts";
import type { Objects } from "../../../night/state/objects.ts";
import { pinnedExports } from "../../../night/state/exports.ts";
import { listRuns } from "../../../night/run/run.ts";

/** The settings that decide the content of an export. */
const SHAPING = ["dataset", "identity", "missingIds", "eventNames", "ga4Scope", "exportFormat"] as const;

/**
 * For each day, the export that the newest run with the same settings has pinned, if its files
 * still exist. A day whose table has not changed since need not be exported again.
 */
export async function earlierExports(objects: Objects, manifest: Manifest): Promise<Map<string, DayExport>> {
  const runs = (await listRuns(objects, manifest.shop)).map(({ value }) => value);
  const isAlike = ({ settings }: Manifest) =>
    SHAPING.every((name) => isDeepStrictEqual(settings[name], manifest.settings[name]));
  const files = await objects.list(paths.interactions(manifest.shop));
  const isThere = ({ interactions }: DayExport) => files.some((path) => path.startsWith(interactions));
  const pinned = runs.filter(isAlike).flatMap(pinnedExports);
  return new Map(pinned.filter(isThere).map((exported) => [exported.day, exported]));
}
