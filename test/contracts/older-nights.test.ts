import { Value } from "typebox/value";
import { expect, it } from "vitest";
import { SimilarityMetrics } from "../../contracts/metrics.ts";

const metrics = { neighbours: "neighbours/", catalogue: "catalogue/", items: 3, users: 1, scenarios: {} };

it("What a night says of its tables can be read after a release has brought further knobs", () => {
  const older = { cap: 500, shrinkage: 5, alpha: 0.5, top: 50 };
  for (const knobs of [{}, { similar: older }, { similar: { ...older, method: "cosine" }, together: {} }])
    expect(Value.Check(SimilarityMetrics, { ...metrics, knobs })).toBe(true);
  expect(Value.Check(SimilarityMetrics, { ...metrics, knobs: { similar: { top: "many" } } })).toBe(false);
});
