import { Value } from "typebox/value";
import type { Manifest } from "../contracts/manifest.ts";
import { ExportMetrics, type DayExport } from "../contracts/metrics.ts";

/** The exports that a run has pinned, one a day; none before its export is done. */
export function pinnedExports({ stages }: Manifest): DayExport[] {
  const { state, metrics } = stages.export;
  return state === "done" && Value.Check(ExportMetrics, metrics) ? metrics.days : [];
}
