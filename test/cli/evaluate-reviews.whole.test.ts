import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Evaluation } from "../../adapters/local/evaluate/evaluate-events.ts";
import { paths } from "../../contracts/layout.ts";
import { temporaryFolder } from "../temporary.ts";
import { smallShop, steamer } from "./steamer.ts";

describe("evaluate, with reviews of a demo shop whose true taste is known", () => {
  it("finds that reviews help, by more than two standard errors", async () => {
    const folder = temporaryFolder();
    const size = ["--customers", "4000", "--items", "900", "--demo-days", "20"];
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
