import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Answer } from "../../core/ranking/answer.ts";
import type { Manifest } from "../../contracts/manifest.ts";
import { temporaryFolder } from "../temporary.ts";
import { smallShop, start, steamer, type Finished } from "./steamer.ts";

const folder = temporaryFolder();
const place = () => mkdtempSync(join(folder, "place-"));

/** A place with the events of some days, a file each. */
function shopAt(...days: string[]): string {
  const at = place();
  for (const day of days) writeFileSync(join(at, `${day}.csv`), smallShop(day));
  return at;
}

const night = (at: string, day: string, ...more: string[]) =>
  steamer(at, "nightly", "--events", `${day}.csv`, ...more);
const model = async (at: string) => {
  const { stdout } = await steamer(at, "recommend", "--browsed", "tea-1", "--json");
  return (JSON.parse(stdout) as Answer).model;
};
const manifest = (at: string, run: string) =>
  JSON.parse(readFileSync(join(at, `.steamer/shops/shop/runs/${run}/manifest.json`), "utf8")) as Manifest;

/** Waits until a process has said something. */
function says(child: ReturnType<typeof start>, text: RegExp): Promise<string> {
  return new Promise((done, failed) => {
    let said = "";
    const listen = (chunk: Buffer) => {
      said += chunk.toString();
      if (text.test(said)) done(said);
    };
    child.stdout!.on("data", listen);
    child.stderr!.on("data", listen);
    void child.finished.then((result: Finished) => failed(new Error(JSON.stringify(result))));
  });
}

describe("a night", () => {
  it("turns a CSV file into recommendations, and tells what it did", async () => {
    const at = shopAt("2026-11-20");
    const { status, stderr } = await night(at, "2026-11-20", "--days", "6");
    expect(status).toBe(0);
    expect(stderr).toContain("Night 2026-11-20.1 of shop is done");
    expect(stderr).toContain("Left out: 1 rows: nobody is named");
    expect(stderr).toMatch(/Left out: \d+ rows of earlier days \(--days 7 reads them\)/);
    const { stdout } = await steamer(at, "recommend", "--browsed", "tea-1", "--json", "-n", "3");
    const { results } = JSON.parse(stdout) as Answer;
    expect(results.map(({ item }) => item.split("-")[0])).toEqual(["tea", "tea", "tea"]);
  });

  it("leaves a manifest with inputs, checksums, settings, stage times, counts and versions", async () => {
    const at = shopAt("2026-11-20");
    await night(at, "2026-11-20");
    const { stages, settings, versions } = manifest(at, "2026-11-20.1");
    const input = { path: "2026-11-20.csv", rows: 361, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) };
    expect(stages.export.metrics).toMatchObject({
      inputs: [input],
      rejected: { no_user: 1 },
      interactions: 360,
    });
    expect(stages.similarity.metrics).toMatchObject({
      users: 60,
      scenarios: { similar: { entries: expect.any(Number) } },
    });
    expect(Object.values(stages).every(({ startedAt, finishedAt }) => startedAt! <= finishedAt!)).toBe(true);
    expect(settings).toMatchObject({ robotItems: 100, days: 30 });
    expect(versions).toMatchObject({ node: process.version, steamer: expect.stringMatching(/^\d/) });
  });

  it("gives the same model whatever the number of threads", async () => {
    const at = shopAt("2026-11-20");
    const answers = [];
    for (const threads of ["1", "2"]) {
      const sampled = ["--mode", "dimsum", "--gamma", "3", "--min-overlap", "0"];
      const { stderr } = await night(at, "2026-11-20", "--threads", threads, ...sampled);
      expect(stderr).toMatch(/DIMSUM kept \d+\.\d % of the entries, recall [01]\.\d{3}/);
      const { stdout } = await steamer(at, "recommend", "--browsed", "tea-1,ink-2", "--json");
      answers.push((JSON.parse(stdout) as Answer).results);
    }
    expect(answers[0]).toEqual(answers[1]);
  });

  it("that finds a damaged file says which, and what to do; the old model goes on serving", async () => {
    const at = shopAt("2026-11-20", "2026-11-21");
    await night(at, "2026-11-20");
    writeFileSync(join(at, "2026-11-21.csv"), "who,what\n1,2\n");
    const { status, stderr } = await night(at, "2026-11-21", "--last-day", "2026-11-21");
    expect(status).toBe(1);
    expect(stderr).toContain("2026-11-21.csv");
    expect(stderr).toContain("--map");
    expect(await model(at)).toBe("2026-11-20.1");
    expect((await steamer(at, "runs")).stdout).toMatch(/2026-11-21\.1\s+failed/);
  });

  it("that is interrupted says so, and is finished by the next", async () => {
    const at = place();
    const demo = ["demo", "--no-serve", "--customers", "3000"];
    const child = start(at, demo);
    await says(child, /export {6}/);
    child.kill("SIGINT");
    expect(await child.finished).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("it was cancelled"),
    });
    expect(await steamer(at, ...demo)).toMatchObject({ status: 0 });
    expect(readdirSync(join(at, ".steamer/shops/demo/runs"))).toEqual(["2026-10-31.1"]);
  });

  it("does not start beside another one", async () => {
    const at = shopAt("2026-11-20");
    const settled = await Promise.all([night(at, "2026-11-20"), night(at, "2026-11-20")]);
    const [won, lost] = settled.sort((a, b) => Number(a.status) - Number(b.status));
    expect([won.status, lost.status]).toEqual([0, 1]);
    expect(lost.stderr).toContain("a night is running already");
  });

  it("without events says how to name some", async () => {
    expect(await steamer(place(), "nightly")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("--events"),
    });
  });
});

describe("models", () => {
  it("are listed, rolled back, held and released", async () => {
    const days = ["2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20", "2026-11-21"];
    const at = shopAt(...days);
    for (const day of days.slice(0, 4)) expect(await night(at, day)).toMatchObject({ status: 0 });
    const listed = async () => (await steamer(at, "models")).stdout;
    expect(await listed()).toMatch(/2026-11-20\.1\s+current.*\n2026-11-19\.1\s+previous.*\n2026-11-18\.1/);

    expect((await steamer(at, "rollback", "--reason", "odd")).stdout).toContain("serves 2026-11-19.1 again");
    expect((await night(at, "2026-11-21")).stderr).toContain("a rollback set a hold");
    expect(await model(at)).toBe("2026-11-19.1");
    expect(await listed()).toContain("odd");
    expect((await steamer(at, "release")).status).toBe(0);
    expect(await night(at, "2026-11-21")).toMatchObject({ status: 0 });
    expect(await model(at)).toBe("2026-11-21.2");
  });
});

describe("npm start", () => {
  const demo = ["demo", "--customers", "2000", "--port", "0"];

  it("makes a shop, runs its night, serves it and shows what to ask; again it serves at once", async () => {
    const at = place();
    const first = start(at, demo, { STEAMER_REVIEWS_ON: "false" });
    const said = await says(first, /Ctrl-C/);
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(said)!;
    expect(said.match(/curl/g)).toHaveLength(4);
    expect(said).toMatch(/users\/c\d{6}\/recommendations/);
    expect(said).toMatch(/tent-002&n=5'\n.*(Tent|Sleeping|Mat|Stove|Camp)/);
    const response = await fetch(`${url}/make_recommendation?browsed=tent-002`);
    expect(((await response.json()) as Answer).results).toHaveLength(10);
    first.kill("SIGTERM");
    expect((await first.finished).status).toBe(0);

    const second = start(at, demo, { STEAMER_REVIEWS_ON: "false" });
    expect(await says(second, /Ctrl-C/)).not.toContain("Night");
    second.kill("SIGINT");
    await second.finished;
    expect(readdirSync(join(at, ".steamer/shops/demo/runs"))).toHaveLength(1);
  });

  it("says so when the port is busy", async () => {
    const at = shopAt("2026-11-20");
    await night(at, "2026-11-20");
    const busy = createServer().listen(0, "127.0.0.1");
    await new Promise((listening) => busy.once("listening", listening));
    const { port } = busy.address() as { port: number };
    const { status, stderr } = await steamer(at, "serve", "--port", String(port));
    busy.close();
    expect(status).toBe(1);
    expect(stderr).toContain(`Listening on 127.0.0.1:${port}: another program is listening there`);
  });
});

describe("the recommender", () => {
  it("answers from the next night's model without a restart", async () => {
    const at = shopAt("2026-11-20", "2026-11-21");
    await night(at, "2026-11-20");
    const server = start(at, ["serve", "--port", "0"]);
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(await says(server, /answers on.*\n/))!;
    const served = async () => ((await (await fetch(`${url}/make_recommendation`)).json()) as Answer).model;
    expect(await served()).toBe("2026-11-20.1");
    await night(at, "2026-11-21");
    await expect.poll(served, { timeout: 15_000, interval: 500 }).toBe("2026-11-21.1");
    server.kill("SIGTERM");
    expect((await server.finished).status).toBe(0);
  });
});

describe("the command", () => {
  it("refuses a bad number of results with a reason", async () => {
    const at = shopAt("2026-11-20");
    await night(at, "2026-11-20");
    const { status, stderr } = await steamer(at, "recommend", "--browsed", "tea-1", "-n", "0");
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining('n is "0"; it must be a whole number from 1 to 100'),
    ]);
  });

  it("reads its settings from a file, too", async () => {
    const at = shopAt("2026-11-20");
    mkdirSync(join(at, "elsewhere"));
    writeFileSync(
      join(at, "steamer.json"),
      JSON.stringify({ shop: "toys", data: "elsewhere", events: ["2026-11-20.csv"] }),
    );
    expect(await steamer(at, "nightly")).toMatchObject({ status: 0 });
    expect(existsSync(join(at, "elsewhere/shops/toys/current.json"))).toBe(true);
  });
});
