import { existsSync } from "node:fs";
import { join } from "node:path";
import { describeAliases } from "../../../contracts/item-aliases.ts";
import { exportName, PART, paths } from "../../../contracts/layout.ts";
import type { ExportMetrics } from "../../../contracts/metrics.ts";
import { knownErasures, readErased, unfinishedErasures } from "../../../night/state/erased-list.ts";
import type { Objects } from "../../../night/state/objects.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import { Problem } from "../../../contracts/problem.ts";
import { openItemAliases } from "../../item-aliases.ts";
import type { IgnoredFile } from "./files/input-files.ts";
import { exportEvents } from "./export-events.ts";
import { exportReviews, type ReviewRequest } from "./export-reviews.ts";
import { earlierExport, exportRules } from "./earlier-export.ts";
import type { ReadAhead } from "./last-day.ts";
import { localStage } from "../local-stage.ts";
import { reasonsKept } from "./rejects.ts";

/** The export stage on this machine: it reads event files and writes each day's interactions. */
export const exportStage = (root: string, objects: Objects, ahead: ReadAhead) =>
  localStage("export", async ({ manifest, settings, attempt }, { progress, signal }) => {
    const { shop, run, lastDay } = manifest;
    const exported = exportName(run, attempt);
    const rejects = paths.rejects(shop, run, attempt);
    const target = {
      attempt: exported,
      interactions: join(root, paths.interactions(shop)),
      items: join(root, paths.items(shop)),
      rejects: join(root, rejects),
      temporary: join(root, paths.exportSpill(shop, run, attempt)),
    };
    const erased = await readErased(objects, shop);
    const aliases = await openItemAliases(settings);
    const rules = exportRules(settings, aliases);
    const earlier = await earlierExport(root, objects, { shop, rules, erased });
    const beside = { erased, ...(aliases ? { aliases } : {}) };
    const request = { ...settings, lastDay, ...beside, ...(earlier ? { earlier } : {}) };
    const result = await exportEvents(request, target, { progress, signal }, await ahead.take(beside));
    const { warnings, ignored, days, reused, ...counts } = result;
    const rejectsFile = reasonsKept(counts.rejected).length > 0 ? rejects : null;
    const written = (day: string) => ({
      day,
      interactions: paths.interactions(shop) + paths.exportOf(day, exported),
      items: paths.items(shop) + paths.exportOf(day, exported),
    });
    const pinned = days.map((day) => reused.get(day) ?? written(day));
    const known = knownErasures(erased, manifest.stages.export.startedAt!);
    const folder = paths.reviewRowsOf(shop, exported);
    const reviewed = await reviewsOf(
      root,
      { settings, firstDay: result.firstDay, ...beside, folder },
      signal,
    );
    const joined = aliases ? { aliases: describeAliases(aliases) } : {};
    const metrics: ExportMetrics = {
      ...{ ...counts, ...known, ...joined, rules },
      ...{ days: pinned, rejectsFile, ...reviewed },
    };
    return { metrics, warnings: [...warnings, ...leftOut(ignored), ...unfinishedErasures(erased)] };
  });

/** A line a reason: GA4 writes such a table a day. */
function leftOut(ignored: readonly IgnoredFile[]): string[] {
  return [...Map.groupBy(ignored, ({ why }) => why)].map(([why, [{ path }, ...more]]) =>
    more.length > 0
      ? `${path} and ${more.length} more files were left out: ${why}`
      : `${path} was left out: ${why}`,
  );
}

interface ReviewsAsked extends Pick<ReviewRequest, "firstDay" | "erased" | "aliases"> {
  settings: Settings;
  folder: string;
}

/**
 * Writes the reviews of this data folder, anew each night: scores come late.
 * @throws Problem when they cannot be read: without them, customers would see what they disliked.
 */
async function reviewsOf(
  root: string,
  { settings, folder, ...which }: ReviewsAsked,
  signal: AbortSignal,
): Promise<Pick<ExportMetrics, "reviews">> {
  if (!existsSync(join(root, paths.reviews))) return {};
  const { openReviewStore } = await import("../reviews/store.ts");
  const store = openReviewStore(root, { atOnce: 0, leaseMs: 0, failed: () => {} });
  try {
    const request = { ...settings, ...which };
    const counts = await exportReviews(store.reviews, request, join(root, folder, PART), signal);
    return counts ? { reviews: { folder, ...counts } } : {};
  } catch (cause) {
    signal.throwIfAborted();
    const why = (cause as Error).message;
    const next = `what has become of ${join(root, paths.reviews)}? docs/REVIEWS.md tells how to repair it`;
    throw new Problem({ doing: "Reading the reviews", why, next, cause });
  } finally {
    await store.close();
  }
}
