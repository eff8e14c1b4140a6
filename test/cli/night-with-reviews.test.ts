import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runNight } from "../../adapters/local/drive.ts";
import { openReviewStore } from "../../adapters/local/reviews/store.ts";
import { openPlaces } from "../../adapters/privacy/open-places.ts";
import { fileObjects } from "../../adapters/storage/files.ts";
import { readSettings } from "../../adapters/settings.ts";
import { paths } from "../../contracts/layout.ts";
import type { ExportMetrics } from "../../contracts/metrics.ts";
import { personOfModel } from "../../core/personal/person.ts";
import { recommendTo } from "../../core/personal/recommend.ts";
import { loadPersonalModel } from "../../personalizer/model.ts";
import { temporaryFolder } from "../temporary.ts";

/** Has ann dislike an item, after the events. */
async function dislike(data: string, item: string): Promise<void> {
  const store = openReviewStore(data, { atOnce: 1, leaseMs: 1, failed: () => {} });
  const review = { id: crypto.randomUUID(), shop: "tea", user: "ann", item, stars: 1, text: "" };
  const sent = { ...review, key: null, traceparent: "" };
  await store.reviews.add(sent, { perItem: 1, perHour: 1 }, Date.parse("2026-11-22"));
  await store.close();
}

describe("a night", () => {
  const EVENTS = ["user,item,event,time"];
  for (const [user, ...items] of [
    ["ann", "tent", "lamp"],
    ["bob", "tent", "lamp", "stove"],
    ["cid", "tent", "stove"],
    ["dan", "lamp", "stove"],
  ])
    for (const item of items) EVENTS.push(`${user},${item},view_item,2026-11-21T10:00:00Z`);

  /** Runs a night; `includeInput`: only what was bought, or disliked, is kept from a user. */
  async function run(data: string) {
    writeFileSync(join(data, "events.csv"), EVENTS.join("\n"));
    const values = {
      shop: "tea",
      data,
      events: [join(data, "events.csv")],
      "als.factors": 4,
      includeInput: true,
    };
    const settings = readSettings({ file: { path: "none", values }, env: {} });
    return { settings, manifest: await runNight(settings, "a test") };
  }

  async function listOfAnn(data: string): Promise<string[]> {
    const { settings, manifest } = await run(data);
    const model = await loadPersonalModel(fileObjects(data), settings, manifest.run);
    const person = personOfModel(model, model.users.find("ann"));
    return recommendTo(model, person, { n: 10, excluded: [] }).map(({ item }) => item);
  }

  it("never recommends to a user what they disliked", async () => {
    const [without, withReview] = [temporaryFolder(), temporaryFolder()];
    expect(await listOfAnn(without)).toContain("lamp");
    await dislike(withReview, "lamp");
    const list = await listOfAnn(withReview);
    expect(list).not.toContain("lamp");
    expect(list).toContain("stove");
  });

  it("pins the reviews that it has read; without reviews there are none", async () => {
    const data = temporaryFolder();
    const pinned = async () => ((await run(data)).manifest.stages.export.metrics as ExportMetrics).reviews;
    expect(await pinned()).toBeUndefined();
    await dislike(data, "lamp");
    const reviews = await pinned();
    expect(reviews).toMatchObject({ rows: 1, positive: 0, negative: 1 });
    expect(await fileObjects(data).list(reviews!.folder)).toHaveLength(1);
  });

  it("leaves ratings that an erasure of the user finds and removes", async () => {
    const data = temporaryFolder();
    await dislike(data, "lamp");
    const { settings } = await run(data);
    const { places, close } = await openPlaces(settings, fileObjects(data));
    const ratings = places.find(({ name }) => name === "ratings of reviews")!;
    const at = 1000 * Date.parse("2026-11-22");
    const found = async () => (await ratings.find("ann", () => {})).flatMap(({ rows }) => rows);
    expect(await found()).toEqual([{ user: "ann", item: "lamp", rating: -1, at }]);
    expect(await ratings.erase("ann", () => {})).toBe(1);
    expect(await found()).toEqual([]);
    await close();
  });

  it("fails where the reviews cannot be read, and says what to do", async () => {
    const data = temporaryFolder();
    writeFileSync(join(data, paths.reviews), "no database".repeat(1000));
    const { stages } = (await run(data)).manifest;
    expect(stages.export.reason).toMatch(/Reading the reviews.*damaged/s);
  });
});
