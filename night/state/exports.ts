import { Value } from "typebox/value";
import { paths } from "../../contracts/layout.ts";
import type { Manifest } from "../../contracts/manifest.ts";
import { ExportMetrics, type DayExport } from "../../contracts/metrics.ts";
import type { Objects } from "./objects.ts";

/**
 * The exports that a run has pinned, one for each day. There are none before its export is done.
 */
export const pinnedExports = (manifest: Manifest): DayExport[] => exported(manifest)?.days ?? [];

/** What a run has exported; undefined before its export is done. */
export function exported({ stages }: Manifest): ExportMetrics | undefined {
  const { state, metrics } = stages.export;
  return state === "done" && Value.Check(ExportMetrics, metrics) ? metrics : undefined;
}

/**
 * True if all pinned exports still exist. A night with fewer days must not pass for a whole one.
 */
export async function areExportsThere(objects: Objects, manifest: Manifest): Promise<boolean> {
  const there = await objects.list(paths.interactions(manifest.shop));
  const pinned = pinnedExports(manifest);
  const isThere = ({ interactions, rows }: DayExport) =>
    rows === 0 || there.some((path) => path.startsWith(interactions));
  return pinned.length > 0 && pinned.every(isThere) && (await areReviewsThere(objects, manifest));
}

async function areReviewsThere(objects: Objects, manifest: Manifest): Promise<boolean> {
  const { reviews } = exported(manifest) ?? {};
  return !reviews || (await objects.list(reviews.folder)).length > 0;
}
