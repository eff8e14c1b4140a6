import { join } from "node:path";
import { exportName, paths } from "../../../contracts/layout.ts";
import type { ExportMetrics } from "../../../contracts/metrics.ts";
import { knownErasures, readErased, unfinishedErasures } from "../../../night/state/erased-list.ts";
import type { Objects } from "../../../night/state/objects.ts";
import { exportEvents } from "./export-events.ts";
import { localStage } from "../local-stage.ts";
import { reasonsKept } from "./rejects.ts";

/** The export stage on this machine: it reads event files and writes each day's interactions. */
export const exportStage = (root: string, objects: Objects) =>
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
    const result = await exportEvents({ ...settings, lastDay, erased }, target, { progress, signal });
    const { warnings, ignored, days, ...counts } = result;
    const rejectsFile = reasonsKept(counts.rejected).length > 0 ? rejects : null;
    const pinned = days.map((day) => ({
      day,
      interactions: paths.interactions(shop) + paths.exportOf(day, exported),
      items: paths.items(shop) + paths.exportOf(day, exported),
    }));
    const known = knownErasures(erased, manifest.stages.export.startedAt!);
    const metrics: ExportMetrics = { ...counts, ...known, days: pinned, rejectsFile };
    const leftOut = ignored.map(({ path, why }) => `${path} was left out: ${why}`);
    return { metrics, warnings: [...warnings, ...leftOut, ...unfinishedErasures(erased)] };
  });
