import { expect, it } from "vitest";
import { paths } from "../../../contracts/layout.ts";
import { FollowedHindsight } from "../../../recommender/observe/hindsight-gauges.ts";
import { textOf } from "../../../serving/prometheus.ts";
import { finishedManifest } from "../../finished-manifest.ts";
import { memoryObjects } from "../../night/shop.ts";
import { someHindsight } from "../../some-hindsight.ts";

it("the last hindsight of a shop's nights is shown as gauges", async () => {
  const objects = memoryObjects();
  const snapshot = { path: "", bytes: 0, sha256: "0".repeat(64) };
  for (const [day, hindsight] of [
    ["2026-11-20", someHindsight("2026-11-20", 0.1)],
    ["2026-11-21", someHindsight("2026-11-21", 0.2)],
    ["2026-11-22", { day: "2026-11-22", why: "nobody bought" }],
  ] as const) {
    const manifest = finishedManifest("toys", `${day}.1`, { items: 1, snapshot });
    manifest.stages.publish.metrics = { hindsight };
    await objects.put(paths.manifest("toys", `${day}.1`), JSON.stringify(manifest));
  }
  const followed = new FollowedHindsight(objects, "toys");
  expect(textOf(followed.gauges())).not.toContain("toys");
  expect(await followed.refresh()).toEqual({ news: [], problems: [] });
  const text = textOf(followed.gauges());
  for (const line of [
    'steamer_hindsight_ndcg10{shop="toys",deed="purchase",way="similar"} 0.2',
    'steamer_hindsight_ndcg10{shop="toys",deed="purchase",way="together"} 0.1',
    'steamer_hindsight_ndcg10{shop="toys",deed="purchase",way="most popular"} 0.05',
    'steamer_hindsight_ndcg10_error{shop="toys",deed="purchase",way="similar"} 0.02',
    'steamer_hindsight_popular{shop="toys",deed="purchase",way="similar"} 0.1',
    'steamer_hindsight_users{shop="toys",deed="purchase"} 120',
    'steamer_hindsight_day_seconds{shop="toys"} 1795219200',
  ])
    expect(text).toContain(`${line}\n`);
});
