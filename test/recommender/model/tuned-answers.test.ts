import { describe, expect, it } from "vitest";
import { paths } from "../../../contracts/layout.ts";
import { Manifest } from "../../../contracts/manifest.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import { changeDocument } from "../../../night/state/document.ts";
import { rollback } from "../../../night/state/pointer.ts";
import { recommend } from "../../../recommender/model/loaded-model.ts";
import { serve } from "../../../recommender/server.ts";
import { memoryObjects, settingsWith } from "../../night/shop.ts";
import { publishSnapshot } from "../../published.ts";
import { temporaryFolder } from "../../temporary.ts";

const TUNED = { view_item: 5, add_to_cart: 2, purchase: 6 };

/** The score of the best item beside one that was viewed, from each model in turn. */
async function scores(given: Partial<Settings>): Promise<number[]> {
  const objects = memoryObjects();
  await publishSnapshot(objects, "2026-11-20.1");
  await publishSnapshot(objects, "2026-11-21.1");
  await changeDocument(objects, paths.manifest("toys", "2026-11-21.1"), Manifest, (manifest) => ({
    ...manifest!,
    settings: { queryWeights: TUNED },
  }));
  const settings = settingsWith({ port: 0, opsPort: 0, data: temporaryFolder(), ...given });
  const server = await serve({ settings, objects });
  const { model } = server.shops.get("toys")!;
  const score = async () => {
    await model.refresh();
    const { results } = await recommend(model.get()!, {
      browsed: ["item-0003"],
      basket: [],
      purchased: [],
      n: 1,
    });
    return results[0]!.score;
  };
  const after = await score();
  await rollback(objects, { shop: "toys", reason: "worse", now: new Date() });
  const before = await score();
  await server.close();
  return [before, after];
}

describe("the weights of a query that a night was tuned to", () => {
  it("come with its model, and go with it in a rollback", async () => {
    const [before, after] = await scores({});
    expect(after).toBeCloseTo(10 * before, 4);
  });

  it("do not count where the recommender is told others", async () => {
    const [before, after] = await scores({ queryWeights: { view_item: 1, add_to_cart: 2, purchase: 6 } });
    expect(after).toBe(before);
  });
});
