import { paths } from "../../../contracts/layout.ts";
import type { Manifest, StageRecord } from "../../../contracts/manifest.ts";
import type { ExportMetrics, SimilarityMetrics } from "../../../contracts/metrics.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import { openObjects } from "../../../adapters/storage/choose.ts";
import type { StageContext } from "../../../night/run/stage.ts";
import { settingsWith } from "../../night/shop.ts";
import type { Cloud } from "../../stand-ins/cloud.ts";

export const RUN = "2026-11-21.1";
export const BUCKET = "toys-data";
const SHOP = "toys";

const pending: StageRecord = { state: "pending", attempt: 0 };
const done = (metrics: object) => ({ state: "done", attempt: 1, metrics }) as StageRecord;
const folder = (kind: "interactions" | "items", day: string) =>
  paths[kind](SHOP) + paths.exportOf(day, `${RUN}-1`);

/** What an export stage that has exported these days left behind. */
export const exported = (days: string[]): ExportMetrics => ({
  days: days.map((day) => ({ day, interactions: folder("interactions", day), items: folder("items", day) })),
  inputs: [],
  rows: 0,
  interactions: 0,
  otherEvents: 0,
  rejected: {},
  rejectsFile: null,
});

/** What a similarity stage that has found neighbours of so many items left behind. */
export const similar = (items: number): SimilarityMetrics => {
  const at = `${paths.model(SHOP, RUN)}similarity=1/`;
  return { neighbours: `${at}neighbours/`, catalogue: `${at}catalogue/`, items, users: 1, scenarios: {} };
};

/** A shop on a local Google Cloud, and what its stages are told of a run. */
export async function shopOn(cloud: Cloud, change: Partial<Settings> = {}) {
  const place = { project: cloud.project, region: cloud.region, endpoints: cloud.endpoints };
  const settings = settingsWith({ shop: SHOP, data: `gs://${BUCKET}`, ...place, ...change });
  const contextOf = (
    earlier: { export?: ExportMetrics; similarity?: SimilarityMetrics } = {},
    attempt = 1,
    startedAt = new Date(),
  ): StageContext => {
    const at = startedAt.toISOString();
    const stages: Manifest["stages"] = {
      export: earlier.export ? done(earlier.export) : pending,
      similarity: earlier.similarity ? done(earlier.similarity) : pending,
      load: pending,
      publish: pending,
    };
    const manifest: Manifest = {
      format: 1,
      shop: SHOP,
      run: RUN,
      lastDay: "2026-11-21",
      state: "running",
      startedAt: at,
      lease: { owner: "test", expiresAt: at },
      settings: {},
      versions: {},
      stages,
      warnings: [],
    };
    return { manifest, settings, attempt };
  };
  return { settings, objects: await openObjects(settings), contextOf };
}
