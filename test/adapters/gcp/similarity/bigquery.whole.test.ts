import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { bigQueryStage } from "../../../../adapters/gcp/similarity/bigquery/bigquery-stage.ts";
import { buyersQuery } from "../../../../adapters/gcp/similarity/bigquery/buyers-query.ts";
import { countScopes, scopesQuery } from "../../../../adapters/gcp/similarity/bigquery/queries.ts";
import {
  countPeople,
  peopleMetrics,
  peopleQuery,
  type PeopleCounts,
} from "../../../../adapters/gcp/similarity/bigquery/people-queries.ts";
import type { Tables } from "../../../../adapters/gcp/similarity/bigquery/tables.ts";
import { literal, openDuckDB } from "../../../../adapters/local/duckdb.ts";
import { exportStage } from "../../../../adapters/gcp/export/export-stage.ts";
import { EVENTS, type Interaction } from "../../../../contracts/interactions.ts";
import type { ScopeRow } from "../../../../contracts/jobs.ts";
import { paths } from "../../../../contracts/layout.ts";
import type { Manifest } from "../../../../contracts/manifest.ts";
import { ExportMetrics, SimilarityMetrics } from "../../../../contracts/metrics.ts";
import type { TableName } from "../../../../contracts/tables.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import { neighbours, type Row } from "../../../../core/library.ts";
import { compareUtf8 } from "../../../../core/text/order.ts";
import { metricsOf, type StageContext } from "../../../../night/run/stage.ts";
import {
  buyersCases,
  peopleCases,
  reviewsCases,
  scopesCases,
  similarityCases,
  type ReviewsCase,
} from "../../../golden.ts";
import { startCloud, type Cloud } from "../../../stand-ins/cloud.ts";
import { temporaryFolder } from "../../../temporary.ts";
import { CloudShop, outcome, type Event } from "../cloud-shop.ts";

let cloud: Cloud;
let shop: CloudShop;
let runs = 0;
beforeAll(async () => {
  cloud = await startCloud({ services: ["bigquery", "storage"] });
  shop = await new CloudShop(cloud, "engine", { engine: "bigquery" }).open();
  await (await shop.client()).createDataset("steamer", { location: "US" });
}, 600_000);
afterEach(() => cloud.faults.clear());
afterAll(() => cloud.close());

const DAY = "2026-11-21";
type Neighbour = { item: string; score: number };
type Lists = Record<string, Record<string, Neighbour[]>>;

type Reviews = ReviewsCase["reviews"];

/** ReviewRows as a Parquet file. */
async function parquetOf(reviews: Reviews): Promise<Uint8Array> {
  const file = join(temporaryFolder(), "part-0.parquet");
  const { connection, close } = await openDuckDB();
  const rows = reviews.map(
    ([user, item, rating]) => `(${literal(user)}, ${literal(item)}, ${rating}::DOUBLE, 9::BIGINT)`,
  );
  await connection.run(
    `COPY (FROM (VALUES ${rows.join(", ")}) AS rows("user", item, rating, "at")) TO ${literal(file)} (FORMAT parquet)`,
  );
  close();
  return readFileSync(file);
}

/** A run whose export has these rows, and one day without any. */
async function exported(
  rows: Row[],
  change: Partial<Settings> = {},
  reviews: Reviews = [],
): Promise<StageContext> {
  const run = `${DAY}.${++runs}`;
  const folder = (day: string) => paths.interactions("engine") + paths.exportOf(day, `${run}-1`);
  const full = rows.map((row) => ({ event: "view_item", count: 1, lastAt: 0, day: DAY, ...row }));
  await shop.objects.put(`${folder(DAY)}000.ndjson`, full.map((row) => JSON.stringify(row)).join("\n"));
  const days = ["2026-11-20", DAY].map((day) => ({ day, interactions: folder(day), items: folder(day) }));
  const reviewed = paths.reviewRowsOf("engine", `${run}-1`);
  if (reviews.length > 0) await shop.objects.put(`${reviewed}part-0.parquet`, await parquetOf(reviews));
  const metrics = {
    days,
    inputs: [],
    rows: 0,
    interactions: 0,
    otherEvents: 0,
    rejected: {},
    rejectsFile: null,
    ...(reviews.length > 0
      ? { reviews: { folder: reviewed, rows: reviews.length, positive: 0, negative: 0 } }
      : {}),
  };
  const pending = { state: "pending", attempt: 0 } as const;
  const stages = {
    export: { state: "done", attempt: 1, metrics: metrics satisfies ExportMetrics },
    similarity: { state: "running", attempt: 1 },
    load: pending,
    publish: pending,
  } as const;
  const manifest: Manifest = {
    format: 1,
    shop: "engine",
    run,
    lastDay: DAY,
    state: "running",
    startedAt: new Date().toISOString(),
    lease: { owner: "test", expiresAt: "" },
    settings: {},
    versions: {},
    warnings: [],
    stages,
  };
  return { manifest, settings: { ...shop.settings, ...change }, attempt: 1 };
}

async function found(context: StageContext): Promise<{ metrics: SimilarityMetrics; lists: Lists }> {
  const looked = await outcome(bigQueryStage(shop.objects), context);
  expect(looked, (looked as { reason?: string }).reason).toMatchObject({ state: "done" });
  const { metrics } = looked as unknown as { metrics: SimilarityMetrics };
  const rows = await shop.read<{ scenario: string; item: string; neighbours: Neighbour[] }>([
    metrics.neighbours,
  ]);
  const lists: Lists = { similar: {}, together: {} };
  for (const row of rows) lists[row.scenario][row.item] = row.neighbours;
  return { metrics, lists };
}

/** The embedded engine's lists; an item without neighbours has none. */
function embedded(rows: Row[], settings: Settings): Lists {
  const model = neighbours(rows, settings);
  const items = [...new Set(rows.map(({ item }) => item))];
  const scenario = (name: TableName) => {
    const lists = items.map((item) => [item, model.neighboursOf(item, name)] as const);
    return Object.fromEntries(lists.filter(([, list]) => list.length > 0));
  };
  return { similar: scenario("similar"), together: scenario("together") };
}

const tables = async () => {
  const [list] = await (await shop.client()).dataset("steamer").getTables();
  return list.map(({ id }) => id);
};
/** Only tables that were made by themselves: the stand-in forgets when those of a query expire. */
async function hoursLeft(id: string): Promise<number> {
  const [{ expirationTime }] = await (await shop.client()).dataset("steamer").table(id).getMetadata();
  return id.endsWith("_pinned") ? (Number(expirationTime) - Date.now()) / 3_600_000 : 24;
}
const gone = { message: "tables are left" };

type FoundScope = [scope: string, users: number, items: [item: string, users: number][]];
const scopeOf = ({ scope, users, items }: ScopeRow): FoundScope => [
  scope,
  Number(users),
  items.map(({ item, users }) => [item, Number(users)]),
];

describe("reviews of the BigQuery engine", () => {
  it.each(reviewsCases)("count as the golden rows say: $name", async (golden) => {
    const rows = golden.interactions.map(([user, item, event, count]) => ({ user, item, event, count }));
    const { weight, penalty } = golden;
    const change = { ...golden.options, "reviews.weight": weight, "reviews.penalty": penalty };
    const { metrics, lists } = await found(await exported(rows, change, golden.reviews));
    const expected = Object.entries(golden.neighbours).filter(([, list]) => list.length > 0);
    const pairs = Object.entries(lists["similar"]).map(([item, list]) => [
      item,
      list.map(({ item, score }) => [item, score]),
    ]);
    expect(Object.fromEntries(pairs)).toEqual(Object.fromEntries(expected));
    const columns = "item, users::INT AS users, views::INT AS views, purchases::INT AS purchases";
    const catalogue = await shop.read([metrics.catalogue], `SELECT ${columns} FROM rows ORDER BY item`);
    expect(catalogue.map((row) => Object.values(row as object))).toEqual(golden.catalogue);
    expect(await tables(), gone.message).toEqual([]);
  });
});

const tablesWith = (some: Partial<Tables>): Tables => ({
  pinned: "",
  interactions: "",
  entries: "",
  neighbours: "",
  ...some,
});

describe("the BigQuery engine", () => {
  it.each(buyersCases)("writes the golden buyers: $name", async (golden) => {
    const rows = golden.interactions.map(([user, item, event, count, lastAt, day]) => {
      return { user, item, event, count, lastAt, day };
    });
    const client = await shop.client();
    const name = `buyers_${++runs}`;
    const schema = [
      ...["user", "item", "event", "day"].map((name) => ({ name, type: "STRING" })),
      ...["count", "lastAt"].map((name) => ({ name, type: "INTEGER" })),
    ];
    const [table] = await client.dataset("steamer").createTable(name, { schema });
    await table.insert(rows);
    const tables = tablesWith({ interactions: `${cloud.project}.steamer.${name}` });
    const [found] = await client.query(buyersQuery(tables, golden.buyers));
    const text = (row: object) => JSON.stringify(Object.values(row).map(String));
    const expected = rows.filter(({ user }) => golden.kept.includes(user)).map(text);
    expect(found.map(text).sort()).toEqual(expected.sort());
    await table.delete();
  });
});

describe("who is who in the BigQuery engine", () => {
  it.each(peopleCases)("is found as in the golden rows: $name", async (golden) => {
    const { linkDevices, robotItems } = golden.rules;
    const identity = linkDevices ? "last_user_id" : "user_id";
    const client = await shop.client();
    const name = `people_${++runs}`;
    const text = ["user", "device", "item", "event", "day", "name", "category"];
    const schema = [
      ...text.map((name) => ({ name, type: "STRING" })),
      ...["count", "lastAt"].map((name) => ({ name, type: "INTEGER" })),
      { name: "price", type: "FLOAT" },
    ];
    const [table] = await client.dataset("steamer").createTable(name, { schema });
    const columns = ["user", "device", "item", "event", "count", "lastAt", "day"];
    await table.insert(
      golden.interactions.map((row) => Object.fromEntries(row.map((value, k) => [columns[k], value]))),
    );
    const interactions = `${cloud.project}.steamer.${name}_interactions`;
    const tables = tablesWith({ pinned: `${cloud.project}.steamer.${name}`, interactions });
    const settings = { ...shop.settings, identity, robotItems } as Settings;
    await client.query(peopleQuery(tables, settings));
    const [rows] = await client.query(
      `SELECT user, item, event, SUM(count) AS count FROM \`${interactions}\` GROUP BY user, item, event`,
    );
    const found = (rows as Interaction[]).map((row) => [row.user, row.item, row.event, Number(row.count)]);
    expect(found.sort()).toEqual(golden.people.toSorted());
    const [[counts]] = await client.query(countPeople(tables, settings));
    expect(peopleMetrics(counts as PeopleCounts)).toEqual(golden.metrics);
    for (const made of [name, `${name}_interactions`]) await client.dataset("steamer").table(made).delete();
  });
});

describe("scopes of the BigQuery engine", () => {
  it.each(scopesCases)("are the golden ones: $name", async ({ bounds, interactions, scopes, counts }) => {
    const client = await shop.client();
    const name = `scopes_${++runs}`;
    const fields = ["user", "item", "scope"].map((name) => ({ name, type: "STRING" }));
    const schema = [...fields, { name: "lastAt", type: "INTEGER" }];
    const [table] = await client.dataset("steamer").createTable(name, { schema });
    await table.insert(interactions.map(([user, item, lastAt, scope]) => ({ user, item, lastAt, scope })));
    const tables = tablesWith({ interactions: `${cloud.project}.steamer.${name}` });
    const [rows] = await client.query(scopesQuery(tables, bounds));
    const found = (rows as ScopeRow[]).map(scopeOf);
    expect(found.toSorted(([a], [b]) => compareUtf8(a, b))).toEqual(scopes);
    expect((await client.query(countScopes(tables, bounds)))[0]).toEqual([counts]);
    await table.delete();
  });

  it("are written beside the neighbours, without those of few users", async () => {
    const north = ["ann", "bob"].map((user) => ({ user, item: "tea", scope: "north" }));
    const rows = [...north, { user: "cleo", item: "cup", scope: "south" }];
    const context = await exported(rows as Row[], { ga4Scope: "geo.region", minScopeUsers: 2 });
    const { metrics } = await found(context);
    expect(metrics.scopes).toEqual({ found: 2, small: 1, listed: 1 });
    const written = await shop.read<ScopeRow>([metrics.scopeItems!]);
    expect(written.map(scopeOf)).toEqual([["north", 2, [["tea", 2]]]]);
  });

  it("are none where nobody asks for them", async () => {
    const { metrics } = await found(await exported([{ user: "ann", item: "tea" }]));
    expect(metrics).not.toHaveProperty("scopes");
    expect(metrics).not.toHaveProperty("scopeItems");
  });
});

describe("neighbours of the BigQuery engine", () => {
  it.each(similarityCases.filter(({ options }) => options.method !== "ridge"))(
    "are the golden ones: $name",
    async ({ interactions, options, neighbours: expected }) => {
      const rows = interactions.map(([user, item, event, count, lastAt = 0]) => {
        return { user, item, event, count, lastAt };
      });
      const { lists } = await found(await exported(rows, options));
      const golden = Object.entries(expected).filter(([, list]) => list.length > 0);
      const named = golden.map(([item, list]) => [item, list.map(([item, score]) => ({ item, score }))]);
      expect(lists["similar"]).toEqual(Object.fromEntries(named));
    },
  );

  const row = fc.record({
    user: fc.constantFrom(..."abcdefghijklmnop"),
    item: fc.constantFrom("1", "2", "10", "é", "z", "～", "😀", "𝒳", "tent", "Tent"),
    event: fc.constantFrom(...EVENTS),
    count: fc.integer({ min: 1, max: 3 }),
    lastAt: fc.integer({ min: 0, max: 5 }),
  });
  it.each([
    {},
    { cap: 3, top: 4, minSupport: 2 },
    { vectors: "weighted", alpha: 0.3, shrinkage: 0, cap: 5 },
    { method: "order" },
    { "similar.method": "order", window: 2, cap: 4, minSupport: 2, "together.window": 3 },
    { vectors: "weighted", alpha: 1, eventWeights: { view_item: 0, add_to_cart: 1.7, purchase: 5.123 } },
  ] as Partial<Settings>[])("are those of the embedded engine, for random rows and %j", async (change) => {
    const [rows] = fc.sample(fc.array(row, { minLength: 300, maxLength: 300 }), { numRuns: 1, seed: 42 });
    const context = await exported(rows, change);
    const { lists, metrics } = await found(context);
    const expected = embedded(rows, context.settings);
    expect(lists).toEqual(expected);
    const count = (scenario: string) =>
      Object.values(expected[scenario]).reduce((n, list) => n + list.length, 0);
    expect(metrics).toMatchObject({
      items: 10,
      users: 16,
      scenarios: { similar: { neighbours: count("similar") }, together: { neighbours: count("together") } },
    });
  });
});

it("A night from GA4 rows to neighbours and catalogue: counted, billed, and nothing is left behind", async () => {
  const shop = await new CloudShop(cloud, "night", { engine: "bigquery" }).open();
  const events: Event[] = ["ann", "bob", "cat"].flatMap((user_id, k) =>
    ["tea", "cup", "pot"].slice(0, 3 - (k % 2)).map((item_id) => ({
      event_date: "20261121",
      event_timestamp: 1795255260e6 + k,
      user_id,
      event_name: k === 0 ? "purchase" : "view_item",
      items: [{ item_id, item_name: `${item_id} ${k}`, item_category: "Kitchen", price: k }],
    })),
  );
  await shop.add("events_20261121", events);
  const similarity = bigQueryStage(shop.objects);
  const manifest = await shop.night({ export: exportStage(shop.objects), similarity }, { lastDay: DAY });
  expect(manifest.state, manifest.stages.similarity.reason ?? manifest.stages.export.reason).toBe("done");
  const metrics = metricsOf(manifest, "similarity", SimilarityMetrics);
  expect(metrics).toMatchObject({
    items: 3,
    users: 3,
    scenarios: {
      similar: { entries: 8, capped: 8, kept: 8, pairs: 14, neighbours: 6 },
      together: { entries: 3, capped: 3, kept: 3, pairs: 6, neighbours: 6 },
    },
  });
  expect(metrics.bytesBilled).toBeGreaterThan(0);
  expect(manifest.warnings).toEqual([
    expect.stringMatching(/no personal recommendations.*computes no factors\. Set engine to dataproc/),
  ]);
  const { days } = metricsOf(manifest, "export", ExportMetrics);
  // The emulator writes names of columns in small letters.
  const columnsOfRows = `* EXCLUDE (lastat), lastat AS "lastAt"`;
  const read = await shop.read<Interaction>(
    days.map(({ interactions }) => interactions),
    `SELECT ${columnsOfRows} FROM rows`,
  );
  const rows = read.map((row) => ({ ...row, count: Number(row.count), lastAt: Number(row.lastAt) }));
  const lists = await shop.read<{ item: string; neighbours: Neighbour[] }>(
    [metrics.neighbours],
    "SELECT * FROM rows WHERE scenario = 'similar'",
  );
  const expected = embedded(rows, shop.settings)["similar"];
  expect(Object.fromEntries(lists.map((row) => [row.item, row.neighbours]))).toEqual(expected);
  const columns = "item, name, category, price, available, users::INT AS users, views::INT AS views";
  const catalogue = `SELECT ${columns}, purchases::INT AS purchases FROM rows ORDER BY item`;
  expect(await shop.read([metrics.catalogue], catalogue)).toEqual([
    { item: "cup", name: "cup 2", category: "Kitchen", price: 2, ...counts(3, 2, 1) },
    { item: "pot", name: "pot 2", category: "Kitchen", price: 2, ...counts(2, 1, 1) },
    { item: "tea", name: "tea 2", category: "Kitchen", price: 2, ...counts(3, 2, 1) },
  ]);
  expect(await tables(), gone.message).toEqual([]);
});

const counts = (users: number, views: number, purchases: number) => ({
  available: null,
  users,
  views,
  purchases,
});

describe("the BigQuery engine refuses", () => {
  const two: Row[] = ["a", "b"].flatMap((user) => ["x", "y"].map((item) => ({ user, item })));

  it("more pairs than are allowed, with their number and a way out, before it adds them up", async () => {
    const context = await exported(two, { maxPairs: 3 });
    const looked = await outcome(bigQueryStage(shop.objects), context);
    expect(looked).toMatchObject({ state: "failed", retry: false });
    const { reason } = looked as { reason: string };
    expect(reason).toMatch(
      /add up 4 pairs of items, and the limit \(maxPairs\) is 3\n {2}Next: set engine to dataproc/,
    );
    expect(await tables(), gone.message).toEqual([]);
    expect((await outcome(bigQueryStage(shop.objects), await exported(two, { maxPairs: 4 }))).state).toBe(
      "done",
    );
  });

  it("to sample", async () => {
    const stage = bigQueryStage(shop.objects);
    const started = stage.start(await exported(two, { mode: "dimsum" }));
    await expect(started).rejects.toThrow(/exact only.*\n {2}Next: set mode to exact, or engine to dataproc/);
  });

  it("a run without an interaction", async () => {
    const context = await exported([]);
    for (const path of await shop.objects.list(paths.interactions("engine"))) {
      if (path.includes(context.manifest.run)) await shop.objects.delete(path);
    }
    await expect(bigQueryStage(shop.objects).start(context)).rejects.toThrow(/without a single interaction/);
  });
});

describe("the BigQuery engine, disturbed,", () => {
  const rows: Row[] = ["a", "b"].flatMap((user) => ["x", "y"].map((item) => ({ user, item })));

  it("goes on wherever a look finds it, also if answers are lost and looks come twice", async () => {
    cloud.faults.add({ call: "BigQuery.InsertJob", lost: true, times: 2, skip: 1 });
    const before = cloud.calls("BigQuery.job.run");
    const context = await exported(rows);
    const stage = bigQueryStage(shop.objects);
    const operation = await stage.start(context);
    expect(await stage.start(context)).toEqual(operation);
    for (;;) {
      const looks = await Promise.all([
        stage.poll(context, operation),
        bigQueryStage(shop.objects).poll(context, operation),
      ]);
      expect(looks.every(({ state }) => state !== "failed")).toBe(true);
      if (looks.every(({ state }) => state === "done")) break;
    }
    expect(await stage.poll(context, operation)).toMatchObject({ state: "done", metrics: { items: 2 } });
    expect(cloud.calls("BigQuery.job.run") - before).toBe(10);
  });

  it("stops its jobs and deletes its tables when it is cancelled, whenever that is", async () => {
    for (const skip of [0, 1, 3]) {
      const held = cloud.faults.add({ call: "BigQuery.job.run", hold: true, skip });
      const context = await exported(rows);
      const stage = bigQueryStage(shop.objects);
      const operation = await stage.start(context);
      while (held.hits === 0)
        expect(await stage.poll(context, operation)).toMatchObject({ state: "running" });
      for (const id of await tables()) expect(await hoursLeft(id!)).toBeCloseTo(24, 1);
      await stage.cancel(context, operation);
      expect(await stage.poll(context, operation)).toMatchObject({ state: "failed", retry: false });
      expect(await tables(), gone.message).toEqual([]);
    }
  });

  it("fails with BigQuery's reason, and leaves no table", async () => {
    const error = {
      code: "INVALID_ARGUMENT",
      reason: "resourcesExceeded",
      message: "Resources exceeded",
    } as const;
    cloud.faults.add({ call: "BigQuery.job.run", skip: 5, error });
    const looked = await outcome(bigQueryStage(shop.objects), await exported(rows));
    expect(looked).toMatchObject({ state: "failed", retry: false });
    expect((looked as { reason: string }).reason).toMatch(
      /step neighbours failed.*\n {2}Next: .*engine to dataproc/,
    );
    expect(await tables(), gone.message).toEqual([]);
  });

  it("says what is missing when its dataset has not been made", async () => {
    cloud.faults.add({ call: "BigQuery.InsertTable", error: { code: "NOT_FOUND", message: "no dataset" } });
    const started = bigQueryStage(shop.objects).start(await exported(rows));
    await expect(started).rejects.toThrow(/Next: `infra\/deploy` makes the dataset steamer, in US/);
  });
});
