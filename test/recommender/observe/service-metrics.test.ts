import { describe, expect, it } from "vitest";
import type { AttributionRow } from "../../../contracts/http/attribution.ts";
import { Counter, textOf } from "../../../serving/prometheus.ts";
import { ShopMetrics } from "../../../recommender/observe/shop-metrics.ts";

describe("attribution, counted by model", () => {
  const row = (model: string): AttributionRow => ({
    at: "2026-11-22T00:00:00.000Z",
    id: "1",
    answer: "x",
    event: "click",
    item: "a",
    source: "model",
    scenario: "similar",
    model,
    position: 1,
  });
  const counts = (metrics: ShopMetrics) =>
    [...textOf(metrics.all()).matchAll(/steamer_attribution_total\{.*model="([^"]+)"\} (\d+)/g)].map(
      ([, model, count]) => `${model}: ${count}`,
    );
  const day = (k: number) => `2026-11-${String(k).padStart(2, "0")}.1`;

  it("is there for all models whose tokens hold, in whatever order their events come", () => {
    const metrics = new ShopMetrics("toys");
    // Eight nights within the week of a token, and a second model of one of them.
    const models = [day(8), "2026-11-08.2", ...[1, 2, 3, 4, 5, 6, 7].map(day)];
    for (const model of [...models, ...models]) metrics.countEvent(row(model));
    expect(counts(metrics).sort()).toEqual(models.map((model) => `${model}: 2`).sort());
  });

  it("forgets the oldest model, be it the first that was seen or not, and never begins it anew", () => {
    const metrics = new ShopMetrics("toys");
    const models = ["2026-11-20.10", "2026-11-20.9", ...Array.from({ length: 9 }, (_, k) => day(21 + k))];
    for (const model of [...models, "2026-11-20.9", day(29)]) metrics.countEvent(row(model));
    const kept = models.filter((model) => model !== "2026-11-20.9");
    expect(counts(metrics)).toEqual(kept.map((model) => `${model}: ${model === day(29) ? 2 : 1}`));
  });
});

describe("a counter", () => {
  it("begins again at none with what it was told to forget, also what it counted last", () => {
    const counter = new Counter("seen", "what was seen", ["of", "by"]);
    counter.add(["a", "me"], 2);
    counter.add(["b", "me"]);
    counter.add(["c", "me"]);
    counter.keep(({ of }) => of === "a");
    expect(counter.values()).toEqual(['seen{of="a",by="me"} 2']);
    counter.add(["c", "me"]);
    counter.add(["a", "me"]);
    expect(counter.values()).toEqual(['seen{of="a",by="me"} 3', 'seen{of="c",by="me"} 1']);
  });
});
