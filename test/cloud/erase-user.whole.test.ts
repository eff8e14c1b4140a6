import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openDatastoreLists } from "../../adapters/gcp/personal/lists.ts";
import { runNight } from "../../adapters/local/drive.ts";
import { fileObjects } from "../../adapters/storage/files.ts";
import type { UserExport } from "../../night/privacy/export-user.ts";
import { rowsIn } from "../../night/privacy/export-user.ts";
import { readFactors } from "../../night/state/factors.ts";
import { readSnapshot } from "../../night/state/snapshot.ts";
import { start } from "../cli/steamer.ts";
import { settingsWith } from "../night/shop.ts";
import { datastoreEmulator } from "../stand-ins/datastore/datastore.ts";
import { temporaryFolder } from "../temporary.ts";
import { deploy, type Deployment } from "./deployment.ts";
import { deployShop, type DeployedShop } from "./deployed-shop.ts";
import { daysAgo, ga4Tables } from "./events.ts";
import { writeReviews } from "./write-reviews.ts";

/** Here for both days; looks, fills a basket and buys. */
const [USER, OTHER] = ["user-12", "user-24"];
/** Five kinds of interactions a day; the earlier night exported one day, the first one here two. */
const all = {
  interactions: 15,
  "ratings of reviews": 1,
  factors: 1,
  "interactions of buyers": 15,
  models: 1,
  reviews: 1,
  "personal lists": 1,
};
const without = (...places: (keyof typeof all)[]) =>
  Object.fromEntries(Object.entries(all).filter(([place]) => !places.some((each) => each === place)));
/** A model with factors, of the night before: the engine bigquery makes none. */
const earlier = `${daysAgo(2)}.1`;
const folder = temporaryFolder();

let deployment: Deployment;
let shop: DeployedShop;

const user = (...args: string[]) => start(folder, ["user", ...args, "--config", "my-shop.json"]);

async function exported(id: string): Promise<UserExport | null> {
  const { status, stdout, stderr } = await user("export", id).finished;
  if (status !== 0 && stderr.includes("nothing is kept of such a user")) return null;
  expect([status, stderr.includes("Error")]).toEqual([0, false]);
  return JSON.parse(stdout) as UserExport;
}

/** The rows of each place that has some. */
const rowsOf = (found: UserExport | null) =>
  Object.fromEntries(found ? rowsIn(found).filter(([, rows]) => rows > 0) : []);

const allRows = (found: UserExport | null) =>
  Object.values(found?.places ?? {}).flatMap((holdings) => holdings.flatMap(({ rows }) => rows));

/** True if the Personalizer would find the user; it throws if a file cannot be read. */
async function isInModel(id: string): Promise<boolean> {
  const { items } = await readSnapshot(shop.objects, "toys", earlier);
  return (await readFactors(shop.objects, "toys", earlier, items))!.users.find(id) >= 0;
}

/** The shop's last night on one machine, moved to the cloud with all that it has made. */
async function moveShop(): Promise<void> {
  const events = join(folder, "events");
  mkdirSync(events);
  for (const [day, lines] of ga4Tables(daysAgo(2), 1))
    writeFileSync(join(events, `events_${day}.ndjson`), lines.map((line) => JSON.stringify(line)).join("\n"));
  const data = join(folder, "data");
  const settings = settingsWith({ shop: "toys", data, events: [events], "als.factors": 4 });
  expect(await runNight(settings, undefined)).toMatchObject({ run: earlier, state: "done" });
  const local = fileObjects(data);
  for (const path of await local.list("shops/toys/"))
    await shop.objects.put(path, (await local.get(path))!.data);
}

async function keepList(id: string): Promise<void> {
  const patient = { cacheMs: 60_000, patientMs: 60_000, failed: () => {} };
  const lists = await openDatastoreLists(deployment.place, patient);
  const key = { shop: "toys", model: earlier, scope: "", user: id };
  const until = Date.now() + 3_600_000;
  await lists.claim(key, "me", Date.now(), until);
  await lists.put(key, "me", { model: earlier, from: "model", results: [] }, until);
}

describe.skipIf(!datastoreEmulator())("steamer user on Google Cloud", () => {
  beforeAll(async () => {
    deployment = await deploy({ jobs: false, speed: 60 });
    shop = await deployShop(deployment, "toys", ga4Tables(daysAgo(1), 2), {
      engine: "bigquery",
      stores: "snapshot",
      days: 2,
      "reviews.on": true,
    });
    // As people write it: a deployment alone knows where the Personalizer is.
    writeFileSync(
      join(folder, "my-shop.json"),
      JSON.stringify({ steamer: { ...deployment.place, shop: "toys" }, deploy: {} }),
    );
    await moveShop();
    const reviews = [USER, OTHER].map((user) => ({ user, item: "tea-1", stars: 5 }));
    await writeReviews(deployment, "toys", reviews);
    expect(await shop.night()).toMatchObject({ state: "done" });
    await Promise.all([USER, OTHER].map(keepList));
  }, 600_000);
  afterEach(() => deployment.cloud.faults.clear());
  afterAll(() => deployment?.close());

  it("exports what the buckets and Datastore have of a user", async () => {
    expect(rowsOf(await exported(USER))).toEqual(all);
    const { places } = (await exported(USER))!;
    expect(places["interactions"].map(({ where }) => where)).toEqual([
      expect.stringContaining(`day=${daysAgo(2)}/export=${earlier}`),
      expect.stringContaining(`day=${daysAgo(2)}/export=${daysAgo(1)}.1`),
      expect.stringContaining(`day=${daysAgo(1)}/export=${daysAgo(1)}.1`),
    ]);
    expect(places["models"]).toMatchObject([{ rows: [{ history: expect.any(Array) }] }]);
    expect(places["personal lists"]).toEqual([
      { where: `model ${earlier}, the whole shop`, rows: [{ model: earlier, from: "model", results: [] }] },
    ]);
  });

  it("says what a person lacks who may not look into Datastore, and changes nothing", async () => {
    const error = { code: "PERMISSION_DENIED", message: "Missing or insufficient permissions." } as const;
    deployment.cloud.faults.add({ call: "Datastore.RunQuery", error });
    const { status, stderr } = await user("erase", USER).finished;
    expect([status, stderr]).toEqual([1, expect.stringMatching(/database steamer-reviews.*forgotten/s)]);
  });

  it("has no reviews and no lists where there are no such databases", async () => {
    const error = { code: "NOT_FOUND", message: "The database steamer-lists does not exist" } as const;
    deployment.cloud.faults.add({ call: "Datastore.RunQuery", error, times: 2 });
    const found = rowsOf(await exported(USER));
    expect(found).toEqual(without("reviews", "personal lists"));
  });

  it("waits for a night that has read the user's events, and is then called again", async () => {
    const held = deployment.cloud.faults.add({ call: "BigQuery.job.run", hold: true, times: 100 });
    expect((await shop.ask({ action: "backfill" })).status).toBe(200);
    await held.reached;
    const { status, stderr } = await user("erase", USER, "--yes").finished;
    expect([status, stderr]).toEqual([1, expect.stringContaining(`night ${daysAgo(1)}.2 is running`)]);
    expect(rowsOf(await exported(USER))).toEqual(without("personal lists"));
    held.release();
    expect(await shop.nightEnds()).toMatchObject({ run: `${daysAgo(1)}.2`, state: "done" });
    // The reviews were read when the erasure had begun.
    expect(rowsOf(await exported(USER))).toMatchObject({ interactions: 25, "ratings of reviews": 1 });
  });

  it("leaves all readable when it is killed, and finishes when it is called again", async () => {
    const other = await exported(OTHER);
    const factors = `models/${earlier}/similarity=1/factors/users/`;
    const held = deployment.cloud.faults.add({
      call: "Storage.InsertObject",
      when: ({ url }: { url: URL }) => url.searchParams.get("name")!.includes(factors),
      hold: true,
      error: { code: "UNAVAILABLE" },
    });
    const killed = user("erase", USER, "--yes");
    await held.reached;
    killed.kill("SIGKILL");
    await killed.finished;
    held.release();
    expect(await isInModel(OTHER)).toBe(true);
    expect(rowsOf(await exported(USER))).toEqual({
      factors: 1,
      "interactions of buyers": 25,
      models: 1,
      reviews: 1,
    });
    const { status, stdout } = await user("erase", USER, "--yes").finished;
    expect([status, stdout]).toEqual([0, expect.stringMatching(/models +1\n[^]*no copy left/)]);
    expect(await exported(USER)).toBeNull();
    expect(await isInModel(USER)).toBe(false);
    expect(allRows(await exported(OTHER))).toEqual(allRows(other));
  });

  it("does not bring the user back with the next night, which reads all events again", async () => {
    await shop.ask({ action: "backfill" });
    expect(await shop.nightEnds()).toMatchObject({ run: `${daysAgo(1)}.3`, state: "done" });
    expect(await exported(USER)).toBeNull();
    expect(rowsOf(await exported(OTHER))).toMatchObject({
      interactions: 35,
      models: 1,
      "ratings of reviews": 3,
    });
  });
});
