import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Evaluation } from "../../adapters/local/evaluate/evaluate-split.ts";
import { openReviewStore } from "../../adapters/local/reviews/store.ts";
import { paths } from "../../contracts/layout.ts";
import { temporaryFolder } from "../temporary.ts";
import { smallShop, steamer } from "./steamer.ts";

describe("evaluate, with reviews of a demo shop whose true taste is known", () => {
  it("finds that reviews help, by more than two standard errors", async () => {
    const folder = temporaryFolder();
    const size = ["--customers", "8000", "--items", "900", "--demo-days", "20"];
    await steamer(folder, "demo", ...size, "--opinions", "--no-serve", "--als.factors", "0");
    const opinions = join(".steamer", paths.demoOpinions);
    const files = ["--reviews", join(opinions, "reviews.csv"), "--test", join(opinions, "liked.csv")];
    const events = join(".steamer", paths.demoEvents, "events_2*.ndjson.gz");
    const args = ["evaluate", "--json", "--events", events, "--als.factors", "0", ...files];
    const { stdout, stderr } = await steamer(folder, ...args);
    if (!stdout) throw new Error(stderr);
    const { results } = JSON.parse(stdout) as Evaluation;
    const { gain } = results.find(({ name }) => name === "neighbours, with reviews")!;
    expect(gain!.mean).toBeGreaterThan(2 * gain!.standardError);
  });
});

it("Reviews that are none are refused, with the line", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "events.csv"), smallShop("2026-11-21"));
  writeFileSync(
    join(folder, "reviews.csv"),
    "user,item,stars,sentiment\nuser-1,tea-1,5,\nuser-1,tea-2,6,0.5\n",
  );
  const args = ["--events", "events.csv", "--als.factors", "0", "--reviews", "reviews.csv"];
  const { stderr } = await steamer(folder, "evaluate", ...args);
  expect(stderr).toMatch(/Reading the reviews in reviews.csv.*line 3.*columns user,item,stars,sentiment/s);
});

it("The shop's own reviews are read from its data folder, but for those from after the events", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "events.csv"), smallShop("2026-11-21"));
  const given = ["--events", "events.csv", "--als.factors", "0", "--reviews"];
  const evaluate = (data: string) => steamer(folder, "evaluate", "--json", ...given, "--data", data);
  expect((await evaluate("none")).stderr).toMatch(/Reading the reviews of shop.*there are none in none/s);
  const gain = async () => {
    const { stdout, stderr } = await evaluate("data");
    if (!stdout) throw new Error(stderr);
    const { results } = JSON.parse(stdout) as Evaluation;
    return results.find(({ name }) => name === "neighbours, with reviews")!.gain!.mean;
  };
  /** Everybody praises an item of one family. */
  const praiseAt = async (time: string, shift: number) => {
    const store = openReviewStore(join(folder, "data"), { atOnce: 0, leaseMs: 0, failed: () => {} });
    const review = { shop: "shop", stars: 5, text: "", key: null, traceparent: "" };
    const limits = { perItem: 1, perHour: 2 };
    for (let k = 0; k < 60; k++) {
      const more = { id: crypto.randomUUID(), user: `user-${k}`, item: `ink-${(k + shift) % 9}` };
      await store.reviews.add({ ...review, ...more }, limits, Date.parse(time));
    }
    await store.close();
  };
  await praiseAt("2026-11-22T00:00:00Z", 0);
  expect(await gain()).toBe(0);
  await praiseAt("2026-11-21T23:59:59Z", 1);
  expect(await gain()).not.toBe(0);
});
