import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readDemoShop, writeDemoShop, type WrittenShop } from "../../../cli/demo/shop.ts";
import { DEMO_SIZE, EVENTS_PER_CUSTOMER, type DemoSize } from "../../../cli/demo/size.ts";

const SIZE: DemoSize = { customers: 3000, items: 600, days: 9, lastDay: "2026-10-31", seed: 7 };
const TINY: DemoSize = { ...SIZE, customers: 50, items: 48, days: 2 };
const hooks = { progress: () => {}, signal: new AbortController().signal };

let root: string;
let folder: string;
let shop: WrittenShop;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "steamer-demo-"));
  folder = join(root, "shop");
  shop = await writeDemoShop(folder, SIZE, hooks);
});
afterAll(() => rm(root, { recursive: true }));

const linesOf = async (file: string) =>
  gunzipSync(await readFile(join(folder, file)))
    .toString()
    .trimEnd()
    .split("\n");

const isDaily = (file: string) => /^events_\d/.test(file);
const dailyLines = async () => (await Promise.all(shop.files.filter(isDaily).map(linesOf))).flat();

describe("the files of a demo shop", () => {
  it("are one a day, an intraday leftover of a past day and the next day's intraday beginning", () => {
    expect(shop.files).toEqual([
      ...[23, 24, 25, 26, 27, 28, 29, 30, 31].map((day) => `events_202610${day}.ndjson.gz`),
      "events_intraday_20261028.ndjson.gz",
      "events_intraday_20261101.ndjson.gz",
    ]);
  });

  it("hold the events of their own day", async () => {
    for (const file of shop.files) {
      const day = /\d{8}/.exec(file)![0];
      for (const line of await linesOf(file)) {
        const [, date, time] = /"event_date":"(\d+)","event_timestamp":"(\d+)"/.exec(line)!;
        const utc = new Date(Number(time) / 1000).toISOString().slice(0, 10).replaceAll("-", "");
        expect([date, utc]).toEqual([day, day]);
      }
    }
  });

  it("repeat in the past day's leftover what the daily file says", async () => {
    const leftover = await linesOf("events_intraday_20261028.ndjson.gz");
    const daily = await linesOf("events_20261028.ndjson.gz");
    expect(leftover.length).toBeGreaterThan(100);
    expect(daily.slice(0, leftover.length)).toEqual(leftover);
  });

  it("count their events, about 26 for each customer", async () => {
    expect(shop.events).toBe((await dailyLines()).length);
    expect(shop.events / SIZE.customers / EVENTS_PER_CUSTOMER).toBeCloseTo(1, 0);
  });

  it("come with a catalogue that a person can read", async () => {
    const feed = await readFile(join(folder, "catalogue.xml"), "utf8");
    const items = feed.split("\n").filter((line) => line.startsWith("<item>"));
    expect(items).toHaveLength(600);
    expect(items[0]).toContain("<g:title>Compact Espresso Machine, Steel</g:title>");
    expect(items[0]).toMatch(/<g:price>\d+\.90 EUR<\/g:price>/);
  });
});

describe("making a demo shop", () => {
  it("gives the same files for the same size, byte for byte", async () => {
    const again = join(root, "again");
    await writeDemoShop(again, SIZE, hooks);
    for (const file of await readdir(folder)) {
      expect((await readFile(join(again, file))).equals(await readFile(join(folder, file))), file).toBe(true);
    }
  });

  it("gives other events for another seed", async () => {
    const other = join(root, "other");
    await writeDemoShop(other, { ...SIZE, seed: 8 }, hooks);
    const file = "events_20261023.ndjson.gz";
    expect((await readFile(join(other, file))).equals(await readFile(join(folder, file)))).toBe(false);
  });

  it("is not needed when the folder holds that size already", async () => {
    expect(await readDemoShop(folder, SIZE)).toEqual(shop);
    expect(await readDemoShop(folder, { ...SIZE, seed: 8 })).toBeUndefined();
    expect(await readDemoShop(join(root, "nowhere"), SIZE)).toBeUndefined();
  });

  it("is needed again when .shop.json or a file is missing", async () => {
    const half = join(root, "half");
    for (const file of [".shop.json", "events_20261030.ndjson.gz"]) {
      await writeDemoShop(half, TINY, hooks);
      await rm(join(half, file));
      expect(await readDemoShop(half, TINY)).toBeUndefined();
    }
    await writeDemoShop(half, TINY, hooks);
    expect(await readDemoShop(half, TINY)).toBeDefined();
  });

  it("leaves no shop behind when it is killed, and clears up the next time", async () => {
    const killed = join(root, "killed", "shop");
    await killWhileWriting(killed);
    expect(await readDemoShop(killed, { ...DEMO_SIZE, customers: 100_000 })).toBeUndefined();
    expect(await readdir(join(root, "killed"))).toEqual([expect.stringMatching(/^shop\.partial-\d+$/)]);
    await writeDemoShop(killed, TINY, hooks);
    expect(await readdir(join(root, "killed"))).toEqual(["shop"]);
  });

  it("can be cancelled, and leaves the older shop as it was", async () => {
    const stopped = join(root, "stopped", "shop");
    await writeDemoShop(stopped, TINY, hooks);
    const cancel = new AbortController();
    const progress = (fraction: number) => fraction > 0.4 && cancel.abort(new Error("enough"));
    const making = writeDemoShop(stopped, { ...SIZE, seed: 9 }, { progress, signal: cancel.signal });
    await expect(making).rejects.toThrow("enough");
    expect(await readdir(join(root, "stopped"))).toEqual(["shop"]);
    expect(await readDemoShop(stopped, TINY)).toBeDefined();
  });

  it("reports its progress from 0 to 1", async () => {
    const fractions: number[] = [];
    await writeDemoShop(join(root, "watched"), TINY, {
      ...hooks,
      progress: (fraction) => fractions.push(fraction),
    });
    expect(fractions).toEqual([0, 0.5, 1]);
  });

  it("never deletes a folder with something else in it", async () => {
    const mine = await mkdtemp(join(root, "mine-"));
    await writeFile(join(mine, "thesis.md"), "");
    await expect(writeDemoShop(mine, TINY, hooks)).rejects.toThrow('the folder holds "thesis.md"');
    expect(await readdir(mine)).toEqual(["thesis.md"]);
  });

  it("says what to change when it cannot write there", async () => {
    await writeFile(join(root, "file"), "");
    await expect(writeDemoShop(join(root, "file"), TINY, hooks)).rejects.toThrow("Next: Choose a folder");
  });

  it.each([
    [{ customers: 0 }, "customers is 0\n  Next: Choose customers from 1 to 5000000"],
    [{ items: 10 }, "items is 10\n  Next: Choose items from 48"],
    [{ days: 1.5 }, "days is 1.5"],
    [{ lastDay: "2026-02-30" }, 'the last day is "2026-02-30"'],
  ])("refuses %o", async (part, message) => {
    await expect(writeDemoShop(join(root, "never"), { ...TINY, ...part }, hooks)).rejects.toThrow(message);
  });
});

/** Starts a process that writes a large shop, and kills it once it has written some of it. */
async function killWhileWriting(target: string): Promise<void> {
  const module = new URL("../../../cli/demo/shop.ts", import.meta.url).href;
  const size = JSON.stringify({ ...DEMO_SIZE, customers: 100_000 });
  const code = `const { writeDemoShop } = await import(${JSON.stringify(module)});
    const progress = (fraction) => fraction > 0.1 && process.stdout.write("started");
    await writeDemoShop(${JSON.stringify(target)}, ${size}, { progress, signal: new AbortController().signal });`;
  const writer = spawn(process.execPath, ["--input-type=module", "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => writer.once("close", resolve));
  writer.stdout.once("data", () => writer.kill("SIGKILL"));
  await ended;
}
