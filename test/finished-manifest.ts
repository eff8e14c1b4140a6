import { lastDayOf, type Manifest } from "../contracts/manifest.ts";
import type { LoadMetrics } from "../contracts/metrics.ts";

/** The manifest of a run that has made a model: what a reader of the model looks at. */
export function finishedManifest(shop: string, model: string, metrics: LoadMetrics): Manifest {
  const done = { state: "done", attempt: 1 } as const;
  return {
    format: 1,
    shop,
    run: model,
    lastDay: lastDayOf(model),
    state: "done",
    startedAt: "",
    lease: { owner: "", expiresAt: "" },
    settings: {},
    versions: {},
    warnings: [],
    stages: { export: done, similarity: done, publish: done, load: { ...done, metrics } },
  };
}
