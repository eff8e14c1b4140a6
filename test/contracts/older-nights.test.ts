import { Value } from "typebox/value";
import { expect, it } from "vitest";
import { SimilarityMetrics } from "../../contracts/metrics.ts";
import { similar } from "../adapters/gcp/stage-context.ts";

it("What a night says of its tables can be read after a release has brought further knobs", () => {
  const older = { cap: 500, shrinkage: 5, alpha: 0.5, top: 50 };
  for (const knobs of [{}, { similar: older }, { similar: { ...older, method: "cosine" }, together: {} }])
    expect(Value.Check(SimilarityMetrics, { ...similar(3), knobs })).toBe(true);
  expect(Value.Check(SimilarityMetrics, { ...similar(3), knobs: { similar: { top: "many" } } })).toBe(false);
});
