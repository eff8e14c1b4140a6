import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { paths } from "../../contracts/layout.ts";
import type { Study, Tuned } from "../../contracts/tuning.ts";
import { Random } from "../../core/random.ts";
import { temporaryFolder } from "../temporary.ts";
import { smallShop, start, steamer } from "./steamer.ts";

const ITEMS = 300;
const DAYS = 30;

/**
 * A shop whose customers walk along a shelf: they put an item into the basket, then two that stand
 * behind it, and buy the next one. What stands before it nobody wants.
 */
function shelfShop(users: number): string {
  const random = new Random(7);
  const rows = ["user,item,event,time"];
  for (let u = 0; u < users; u++) {
    for (let visit = 0; visit < 3; visit++) {
      const begin = Date.parse("2026-11-01") + random.below(DAYS * 86_400) * 1000;
      const first = random.below(ITEMS);
      for (let k = 0; k < 4; k++) {
        const item = (first + k + (random.chance(0.2) ? random.below(ITEMS) : 0)) % ITEMS;
        const time = new Date(begin + k * 60_000).toISOString();
        rows.push(`user-${u},item-${item},${k === 3 ? "purchase" : "add_to_cart"},${time}`);
      }
    }
  }
  return rows.join("\n") + "\n";
}

describe("steamer tune", () => {
  const folder = temporaryFolder();
  const data = (path: string) => join(folder, ".steamer", path);
  const read = <T>(path: string) => JSON.parse(readFileSync(data(path), "utf8")) as T;
  const tune = (...args: string[]) => steamer(folder, "tune", "shelf", "--table", "together", ...args);
  writeFileSync(join(folder, "events.csv"), shelfShop(900));

  it("refuses a shop so small that it would fit noise, with the number needed", async () => {
    writeFileSync(join(folder, "small.csv"), smallShop("2026-11-21"));
    const { status, stderr } = await steamer(folder, "tune", "small", "--events", "small.csv");
    expect(status).toBe(1);
    expect(stderr).toContain("200 are needed in each of two parts");
  });

  it("asks for events where no night has read any", async () => {
    const { status, stderr } = await steamer(folder, "tune", "unknown");
    expect(status).toBe(1);
    expect(stderr).toContain("name its event files with --events, or run a night first");
  });

  it("keeps what was tried when it is interrupted, and goes on with other numbers", async () => {
    const args = ["tune", "shelf", "--table", "together", "--events", "events.csv", "--trials", "5000"];
    const child = start(folder, args);
    const study = paths.study("shelf", "together");
    while (!existsSync(data(study))) await setTimeout(20);
    await setTimeout(300);
    child.kill("SIGINT");
    const { status, stderr } = await child.finished;
    expect(status).toBe(1);
    expect(stderr).toContain("it was cancelled; what was tried is kept");
    const kept = read<Study>(study);
    expect(kept.trials.length).toBeGreaterThan(0);
    await tune("--events", "events.csv", "--trials", String(kept.trials.length + 1));
    const later = read<Study>(study);
    expect(later.trials.slice(0, -1)).toEqual(kept.trials);
    expect(later.seeds).toBe(2);
  });

  it("finds what the customers do, and the next night makes the table with it", async () => {
    const { status, stdout } = await tune("--events", "events.csv", "--trials", "40", "--apply");
    expect(status).toBe(0);
    expect(stdout).toContain("ahead by more than two standard errors");
    expect(readFileSync(data(paths.tuningReport("shelf")), "utf8")).toContain("How much each knob decides");
    const { settings } = read<Tuned>(paths.tuned("shelf"));
    expect(settings).toMatchObject({ "together.method": expect.stringMatching(/order|ridge/) });

    const args = ["--shop", "shelf", "--events", "events.csv", "--als.factors", "0"];
    const night = await steamer(folder, "nightly", ...args);
    expect(night.stderr).toContain(`Tuned on the shop's own data: ${Object.keys(settings).join(", ")}`);
    const made = read<{ settings: Record<string, unknown> }>(paths.manifest("shelf", "2026-11-30.1"));
    expect(made.settings).toMatchObject(settings);
  });

  it("tunes by the days that a night has pinned, and says so when the settings are as good", async () => {
    const { status, stdout } = await tune("--trials", "2");
    expect(status).toBe(0);
    expect(stdout).toContain("The present settings stay.");
  });

  it("lets what the operator gives win, and discards what was applied", async () => {
    const night = ["nightly", "--shop", "shelf", "--events", "events.csv", "--als.factors", "0"];
    await steamer(folder, ...night, "--together.method", "cosine");
    const given = read<{ settings: Record<string, unknown> }>(paths.manifest("shelf", "2026-11-30.2"));
    expect(given.settings["together.method"]).toBe("cosine");
    expect(given.settings["together.alpha"]).toBeUndefined();
    const { stdout } = await tune("--discard");
    expect(stdout).toContain("go by the defaults again");
    expect(existsSync(data(paths.tuned("shelf")))).toBe(false);
  });
});
