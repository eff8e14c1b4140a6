import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { completeDays } from "../../../../adapters/gcp/export/event-source.ts";
import { exportStage } from "../../../../adapters/gcp/export/export-stage.ts";
import type { Interaction, ItemRow } from "../../../../contracts/interactions.ts";
import type { Manifest } from "../../../../contracts/manifest.ts";
import { paths } from "../../../../contracts/layout.ts";
import { ExportMetrics } from "../../../../contracts/metrics.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import { metricsOf } from "../../../../night/run/stage.ts";
import { ga4EventsOf, meaningCases, scopeOfDay, storeEvents, storesCases } from "../../../golden.ts";
import { startCloud, type Cloud } from "../../../stand-ins/cloud.ts";
import { erasedCase, erasedUsers } from "../../../golden.ts";
import { Shop } from "../../local/export/shop.ts";
import { CloudShop, type Event } from "../cloud-shop.ts";

let cloud: Cloud;
let shops = 0;
beforeAll(async () => {
  cloud = await startCloud({ services: ["bigquery", "storage"] });
}, 600_000);
afterEach(() => cloud.faults.clear());
afterAll(() => cloud.close());

const open = (change: Partial<Settings> = {}) => new CloudShop(cloud, `shop${++shops}`, change).open();
const exporting = (shop: CloudShop, lastDay: string, orders = {}) =>
  shop.night({ export: exportStage(shop.objects) }, { lastDay, orders });
const metrics = (manifest: Manifest) => metricsOf(manifest, "export", ExportMetrics);
const folders = (manifest: Manifest) => metrics(manifest).days.map(({ interactions }) => interactions);

/** One writes a day's interactions, one counts the rows that are none. */
const JOBS_A_DAY = 2;

const MICROS = 1795255260e6;
const event = (fields: Event = {}): Event => ({
  event_date: "20261121",
  event_timestamp: MICROS,
  event_name: "view_item",
  user_id: "ann",
  user_pseudo_id: "device-1",
  items: [{ item_id: "tea", price: 3.5 }],
  ...fields,
});
/** A view of tea on each of these days. */
async function shopOf(days: string[], change: Partial<Settings> = {}): Promise<CloudShop> {
  const shop = await open(change);
  for (const day of days) await shop.add(`events_${day}`, [event({ event_date: day })]);
  return shop;
}

/**
 * Rows of every kind that a GA4 export has, and some that it should not have; good values are the
 * most frequent.
 */
function oddEvents(): Event[] {
  let state = 1;
  const random = (below: number) => (state = (Math.imul(state, 48_271) >>> 0) % 2_147_483_647) % below;
  const pick = <T>(good: T[], odd: T[]) =>
    random(4) > 0 ? good[random(good.length)] : odd[random(odd.length)];
  const longest = ["u".repeat(256), "u".repeat(257), "é".repeat(128), "é".repeat(129)];
  const item = () => ({
    item_id: pick(["tea", "cup", "日本"], ["", "(not set)", " ", null, ...longest]),
    item_name: pick(["Tea"], ["", "(not set)", null]),
    price: pick([1.5, 2], [null]),
    quantity: pick([null, 1, 2], [0, -1]),
  });
  return Array.from({ length: 500 }, () => ({
    event_date: pick(["20261121"], ["20261120", "2026112", "no"]),
    event_timestamp: pick([MICROS, MICROS + 1, MICROS + 5e6], [0, -5, 99e15]),
    event_name: pick(["view_item", "add_to_cart", "purchase"], ["VIEW_ITEM", "Click", "quickview", ""]),
    user_id: pick(["ann", "Ünal", null], ["", " \t", ...longest]),
    user_pseudo_id: pick(["device-1", "device-2"], ["", null]),
    items: Array.from({ length: random(4) }, item),
  }));
}

const byText = (a: Interaction, b: Interaction) => {
  const [one, other] = [a, b].map((row) => Object.entries(row).sort().join());
  return one! < other! ? -1 : 1;
};

describe("exported interactions", () => {
  it.each([
    ["as they are", { identity: "last_user_id" }],
    ["by device", { identity: "user_pseudo_id" }],
    [
      "with the shop's own names",
      { identity: "user_id", eventNames: { quickview: "view_item", VIEW_ITEM: "purchase" } },
    ],
    ["with a meaning for every name", { identity: "user_id", eventNames: { "*": "view_item" } }],
  ] as [string, Partial<Settings>][])(
    "are those of the local export of the same rows, %s",
    async (_, change) => {
      const rows = oddEvents();
      const shop = await open(change);
      await shop.add("events_20261121", rows);
      await shop.add("events_intraday_20261121", [event({ user_id: "intraday" })]);
      const manifest = await exporting(shop, "2026-11-21");
      const columns = `SELECT "user", item, event, count::DOUBLE AS count, "lastAt"::DOUBLE AS "lastAt", day${change.identity === "last_user_id" ? ", device" : ""}
      FROM rows`;
      const exported = await shop.read<Interaction>(folders(manifest), columns);

      using local = new Shop();
      local.write("events_20261121.ndjson", rows);
      const { rejected } = await local.export(change);
      const expected = await local.interactions();
      expect(expected.length).toBeGreaterThan(15);
      expect(exported.toSorted(byText)).toEqual(expected.toSorted(byText));
      expect(metrics(manifest)).toMatchObject({ interactions: expected.length, rows: 500, rejected });
    },
  );

  it.each(meaningCases)("take $name for what they are: nobody, or no item", async (golden) => {
    const { rows, pairs, rejected } = ga4EventsOf(golden);
    const shop = await open({ missingIds: golden.missingIds });
    await shop.add("events_20261121", rows);
    const manifest = await exporting(shop, "2026-11-21");
    const columns = `SELECT "user", item, event, count::DOUBLE AS count FROM rows`;
    const found = await shop.read<Interaction>(folders(manifest), columns);
    expect(found.map((row) => Object.values(row).join(" ")).sort()).toEqual(pairs);
    expect(metrics(manifest).rejected).toEqual(rejected);
  });

  it.each(storesCases.asked)("are of the stores that are asked for: $users", async ({ users, ...asked }) => {
    const shop = await open(asked);
    await shop.add("events_20261121", storeEvents);
    const manifest = await exporting(shop, "2026-11-21");
    const found = await shop.read<Interaction>(folders(manifest), `SELECT "user" FROM rows ORDER BY "user"`);
    expect(found.map(({ user }) => user)).toEqual(users);
    expect(metrics(manifest).rejected).toEqual({});
  });

  it("are the golden ones with erased users, whose later events count", async () => {
    const shop = await open();
    const rows = erasedCase.events.map(({ user, micros }, k) =>
      event({
        user_id: user,
        event_date: "20261120",
        event_timestamp: micros,
        items: [{ item_id: `i${k}` }],
      }),
    );
    await shop.add("events_20261120", rows);
    const list = JSON.stringify({ users: erasedUsers });
    await shop.objects.put(paths.erased(shop.settings.shop), list);
    const manifest = await exporting(shop, "2026-11-20");
    const exported = await shop.read<{ item: string }>(folders(manifest), "SELECT item FROM rows");
    const counted = erasedCase.events.flatMap(({ counts }, k) => (counts ? [`i${k}`] : []));
    expect(exported.map(({ item }) => item).sort()).toEqual(counted.sort());
    expect(metrics(manifest).erasedUntil).toBe(erasedCase.users.at(-1)!.at);
  });

  it("say what the last event that said something said of an item, as the local export does", async () => {
    const at = (seconds: number, item: Event, fields: Event = {}) =>
      event({ event_timestamp: MICROS + seconds * 1e6, items: [{ item_id: "tea", ...item }], ...fields });
    const rows = [
      at(1, { item_name: "Tea", item_category: "Old", price: 3 }),
      at(2, { item_name: "Green tea", item_category: "Drinks" }),
      at(2, { item_name: "Black tea", item_category: "Drinks" }, { user_id: "bob" }),
      at(3, { item_name: "(not set)", item_category: " " }),
      at(4, { item_id: "cup", price: 4 }, { event_name: "purchase" }),
    ];
    const shop = await open();
    await shop.add("events_20261121", rows);
    const exported = await shop.read<ItemRow>(
      folders(await exporting(shop, "2026-11-21")),
      `SELECT item, ${["name", "category", "price"].map((column) => `arg_max(${column}, "lastAt") AS ${column}`).join(", ")},
         max("lastAt")::DOUBLE AS "lastAt", day FROM rows GROUP BY item, day ORDER BY item`,
    );
    using local = new Shop();
    local.write("events_20261121.ndjson", rows);
    await local.export();
    expect(exported).toEqual(await local.items());
  });

  it("are of the ids that items have now, by an object of old and new ones", async () => {
    const shop = await open();
    shop.settings.itemAlias = `${shop.settings.data}/aliases.csv`;
    const older = { items: [{ item_id: "T'1", item_name: "Tea" }, { item_id: "pot" }] };
    await shop.add("events_20261121", [event(), event(older), event(older)]);
    await shop.objects.put("aliases.csv", "T'1,t2\nt2,tea\n");
    const manifest = await exporting(shop, "2026-11-21");
    const select = "SELECT item, name, count::DOUBLE AS count FROM rows ORDER BY item";
    expect(await shop.read(folders(manifest), select)).toEqual([
      { item: "pot", name: null, count: 2 },
      { item: "tea", name: "Tea", count: 3 },
    ]);
    expect(metrics(manifest).aliases).toMatchObject({ ids: 2, source: shop.settings.itemAlias });
    expect(metrics(await exporting(shop, "2026-11-21"))).toMatchObject({ rows: 0, aliases: { ids: 2 } });
    // Under other ids the same table is another export.
    await shop.objects.put("aliases.csv", "pot,kettle\n");
    expect(metrics(await exporting(shop, "2026-11-21"))).toMatchObject({ rows: 3 });
  });

  it("are NDJSON where that is asked for", async () => {
    const shop = await shopOf(["20261121"], { exportFormat: "ndjson" });
    const [row] = await shop.read<Interaction>(folders(await exporting(shop, "2026-11-21")));
    expect(row).toMatchObject({ user: "ann", item: "tea", event: "view_item", day: "2026-11-21" });
  });
});

describe("scopes of exported interactions", () => {
  const columns = `SELECT "user", item, event, count::DOUBLE AS count, "lastAt"::DOUBLE AS "lastAt", day, scope
    FROM rows ORDER BY day, "user", item, event`;
  const property = (value: object) => ({ user_properties: [{ key: "store", value }] });

  it("are the golden ones, and those of the local export", async () => {
    const rows = scopeOfDay.events.map(([user_id, at, region]) =>
      event({ user_id, event_timestamp: MICROS + at, geo: { country: "DE", region } }),
    );
    const shop = await open({ ga4Scope: "geo.region" });
    await shop.add("events_20261121", rows);
    const found = await shop.read<Interaction>(folders(await exporting(shop, "2026-11-21")), columns);
    expect(Object.fromEntries(found.map(({ user, scope }) => [user, scope]))).toEqual(scopeOfDay.scopes);
    using local = new Shop();
    local.write("events_20261121.ndjson", rows);
    await local.export({ ga4Scope: "geo.region" });
    expect(found).toEqual(await local.interactions());
  });

  it("come from a user's property too, be it text or a number", async () => {
    const rows = [
      event({ user_id: "ann", ...property({ string_value: "north" }) }),
      event({ user_id: "bob", ...property({ int_value: 7 }) }),
      event({ user_id: "cleo", user_properties: [{ key: "other", value: { string_value: "north" } }] }),
    ];
    const shop = await open({ ga4Scope: "user_property:store" });
    await shop.add("events_20261121", rows);
    const found = await shop.read<Interaction>(folders(await exporting(shop, "2026-11-21")), columns);
    expect(found.map(({ user, scope }) => [user, scope])).toEqual([
      ["ann", "north"],
      ["bob", "7"],
      ["cleo", null],
    ]);
    using local = new Shop();
    local.write("events_20261121.ndjson", rows);
    await local.export({ ga4Scope: "user_property:store" });
    expect(found).toEqual(await local.interactions());
  });

  it("are exported anew where they come from elsewhere than in the last night", async () => {
    const shop = await shopOf(["20261121"]);
    const [before] = folders(await exporting(shop, "2026-11-21"));
    shop.settings.ga4Scope = "geo.country";
    expect(folders(await exporting(shop, "2026-11-21"))).not.toContain(before);
  });
});

describe("the window", () => {
  it("has the days that have a table, and nothing is missing before the first", async () => {
    const shop = await shopOf(["20261119", "20261120", "20261121", "20261122"], { days: 3 });
    const manifest = await exporting(shop, "2026-11-21");
    expect(metrics(manifest).days.map(({ day }) => day)).toEqual(["2026-11-19", "2026-11-20", "2026-11-21"]);
    const early = await exporting(shop, "2026-11-20");
    expect(metrics(early).days.map(({ day }) => day)).toEqual(["2026-11-19", "2026-11-20"]);
    expect(early.warnings).toEqual([]);
  });

  it("may not leave out a day, unless that is allowed", async () => {
    const shop = await shopOf(["20261119", "20261121"]);
    const { stages } = await exporting(shop, "2026-11-21");
    expect(stages.export.reason).toMatch(/there is no table of 2026-11-20\n {2}Next: .*allowMissingDays/);
    shop.settings.allowMissingDays = true;
    const manifest = await exporting(shop, "2026-11-21");
    expect(manifest.warnings).toEqual(["there is no table of 2026-11-20"]);
    expect(metrics(manifest).days).toHaveLength(2);
  });

  it("must have a table of the last day", async () => {
    const shop = await shopOf(["20261119"]);
    await shop.add("events_intraday_20261120", [event()]);
    const { stages } = await exporting(shop, "2026-11-20");
    expect(stages.export).toMatchObject({ state: "failed", retry: false });
    expect(stages.export.reason).toMatch(/no table of 2026-11-20 itself; the latest is of 2026-11-19/);
    expect(await completeDays(shop.settings)("2026-11-01", "2026-11-30")).toEqual(["2026-11-19"]);
    expect(await completeDays(shop.settings)("2026-11-20", "2026-11-30")).toEqual([]);
  });
});

describe("GA4's tables beside the daily ones", () => {
  it("do not count, and are told", async () => {
    const shop = await shopOf(["20261120"]);
    for (const kind of ["fresh", "intraday"])
      await shop.add(`events_${kind}_20261120`, [event({ event_date: "20261120" })]);
    const manifest = await exporting(shop, "2026-11-20");
    expect(manifest.warnings).toEqual([
      "these tables were left out: 1 events_fresh_…, 1 events_intraday_…: daily ones count; `intraday` takes those of days that are over",
    ]);
    expect(metrics(manifest).interactions).toBe(1);
  });

  it("count where they are days of the streaming export that are over, until the daily one comes", async () => {
    const shop = await shopOf(["20261119"], { intraday: true });
    for (const day of ["20261120", "20261121", "21990101"])
      await shop.add(`events_intraday_${day}`, [event({ event_date: day })]);
    const before = await exporting(shop, "2026-11-21");
    const tables = (manifest: Manifest) =>
      metrics(manifest).days.map(({ table }) => table!.name.split(".").at(-1));
    expect(tables(before)).toEqual([
      "events_20261119",
      "events_intraday_20261120",
      "events_intraday_20261121",
    ]);
    expect(await completeDays(shop.settings)("2026-11-01", "2200-01-01")).toEqual([
      ...["2026-11-19", "2026-11-20", "2026-11-21"],
    ]);
    await shop.add("events_20261120", [event({ event_date: "20261120", user_id: "late" })]);
    const manifest = await exporting(shop, "2026-11-21");
    expect(tables(manifest)).toEqual(["events_20261119", "events_20261120", "events_intraday_20261121"]);
    const users = await shop.read<Interaction>(folders(manifest), `SELECT "user" FROM rows ORDER BY day`);
    expect(users.map(({ user }) => user)).toEqual(["ann", "late", "ann"]);
  });
});

describe("a day that an earlier run has exported", () => {
  const changed = async (shop: CloudShop, lastDay: string, orders = {}) => {
    const before = cloud.calls("BigQuery.job.run");
    const manifest = await exporting(shop, lastDay, orders);
    const anew = folders(manifest).filter((folder) => folder.includes(`export=${manifest.run}-`));
    expect(cloud.calls("BigQuery.job.run") - before).toBe(JOBS_A_DAY * anew.length);
    return anew.map((folder) => /day=([\d-]+)/.exec(folder)![1]);
  };

  it("is exported again only if its table has changed since, or somebody asks for it", async () => {
    const shop = await shopOf(["20261119", "20261120"]);
    await shop.add("events_20261119", [event({ event_date: "20261119", items: [] })]);
    expect(await changed(shop, "2026-11-20")).toEqual(["2026-11-19", "2026-11-20"]);
    expect(await changed(shop, "2026-11-20")).toEqual([]);
    await shop.add("events_20261121", [event()]);
    await shop.add("events_20261119", [event({ event_date: "20261119", user_id: "late" })]);
    expect(await changed(shop, "2026-11-21")).toEqual(["2026-11-19", "2026-11-21"]);
    expect(await changed(shop, "2026-11-21", { reexport: ["2026-11-20"] })).toEqual(["2026-11-20"]);
    const manifest = await exporting(shop, "2026-11-21");
    const users = await shop.read<Interaction>(
      folders(manifest),
      `SELECT "user", day FROM rows ORDER BY day, "user"`,
    );
    expect(users.map(({ user, day }) => `${day} ${user}`)).toEqual([
      "2026-11-19 ann",
      "2026-11-19 late",
      "2026-11-20 ann",
      "2026-11-21 ann",
    ]);
    const rejected = { no_item: 1 };
    expect(metrics(manifest)).toMatchObject({ rows: 0, interactions: 0, bytesBilled: 0, rejected });
  });

  it("is exported again if it was asked for differently, or its files are gone", async () => {
    const shop = await shopOf(["20261120", "20261121"]);
    await exporting(shop, "2026-11-21");
    shop.settings.identity = "user_pseudo_id";
    expect(await changed(shop, "2026-11-21")).toHaveLength(2);
    const [folder] = folders(await exporting(shop, "2026-11-21"));
    for (const path of await shop.objects.list(folder)) await shop.objects.delete(path);
    expect(await changed(shop, "2026-11-21")).toEqual(["2026-11-20"]);
  });
});

describe("what an export costs", () => {
  it("is asked before: above the limit nothing is started, and the refusal has both numbers", async () => {
    const shop = await shopOf(["20261120", "20261121"], { maximumBytesBilled: 15 * 2 ** 20 });
    const before = cloud.calls("BigQuery.job.run");
    const { stages } = await exporting(shop, "2026-11-21");
    expect(stages.export.reason).toMatch(/would bill 41,943,040 bytes, and the limit is 15,728,640 bytes/);
    expect(stages.export.reason).toMatch(/Next: set maximumBytesBilled to 41943040 or more/);
    expect(cloud.calls("BigQuery.job.run")).toBe(before);
    shop.settings.maximumBytesBilled = 40 * 2 ** 20;
    expect(metrics(await exporting(shop, "2026-11-21")).bytesBilled).toBe(40 * 2 ** 20);
  });

  it("is limited for each job, which also says whose it is", async () => {
    const shop = await shopOf(["20261121"]);
    const seen: { configuration: Record<string, any> }[] = [];
    cloud.faults.add({ call: "BigQuery.job.run", when: (job) => seen.push(job) < 0 });
    const { run } = await exporting(shop, "2026-11-21");
    const { query, labels } = seen[0].configuration;
    expect(query.maximumBytesBilled).toBe("200000000000");
    expect(labels).toEqual({
      app: "steamer",
      shop: shop.settings.shop,
      run: run.replace(".", "_"),
      stage: "export",
    });
  });
});

describe("an export that is disturbed", () => {
  it("is the same export when it is started twice, or the answers of its start are lost", async () => {
    const shop = await shopOf(["20261120", "20261121"]);
    cloud.faults.add({ call: "BigQuery.InsertJob", lost: true, skip: 2 });
    const before = cloud.calls("BigQuery.job.run");
    const stage = exportStage(shop.objects);
    const twice: typeof stage = {
      ...stage,
      start: async (context) => {
        expect(await stage.start(context)).toEqual(await stage.start(context));
        return stage.start(context);
      },
    };
    const manifest = await shop.night({ export: twice }, { lastDay: "2026-11-21" });
    expect(manifest.state).toBe("done");
    expect(cloud.calls("BigQuery.job.run") - before).toBe(JOBS_A_DAY * 2);
  });

  it("is repeated the next night if its table changed while it was being started", async () => {
    const shop = await shopOf(["20261121"]);
    const stage = exportStage(shop.objects);
    const twice: typeof stage = {
      ...stage,
      start: async (context) => {
        const held = cloud.faults.add({ call: "BigQuery.job.run", hold: true });
        await stage.start(context);
        await shop.add("events_20261121", [event({ user_id: "late" })]);
        held.release();
        return stage.start(context);
      },
    };
    const [day] = metrics(await shop.night({ export: twice }, { lastDay: "2026-11-21" })).days;
    expect(day.table).toBeUndefined();
    const next = await exporting(shop, "2026-11-21");
    expect(metrics(next)).toMatchObject({ interactions: 2, days: [{ table: { rows: 2 } }] });
  });

  it("is running while BigQuery is, and its jobs end when it is cancelled", async () => {
    const shop = await shopOf(["20261121"]);
    const held = cloud.faults.add({ call: "BigQuery.job.run", hold: true });
    const stage = exportStage(shop.objects);
    let looks = 0;
    const poll: typeof stage.poll = async (context, operation) => {
      const state = await stage.poll(context, operation);
      if (++looks <= 2) expect(state).toMatchObject({ state: "running", progress: 0 });
      if (looks === 2) await stage.cancel(context, operation);
      return state;
    };
    const { stages } = await shop.night({ export: { ...stage, poll } }, { lastDay: "2026-11-21" });
    expect(held.hits).toBe(1);
    expect(stages.export).toMatchObject({ state: "failed", retry: false });
    expect(stages.export.reason).toMatch(/stopped.*\n {2}Next: somebody cancelled the job/);
    expect(
      await cloud.files.list(`${shop.settings.data}/shops/${shop.settings.shop}/interactions/*`),
    ).toEqual([]);
  });

  it("is tried again if what failed may pass, under new names", async () => {
    const shop = await shopOf(["20261120", "20261121"]);
    const error = { code: "INTERNAL", reason: "backendError", message: "try again" } as const;
    cloud.faults.add({ call: "BigQuery.job.run", error });
    const manifest = await exporting(shop, "2026-11-21");
    expect(manifest).toMatchObject({ state: "done", stages: { export: { attempt: 2 } } });
    expect(folders(manifest).every((folder) => folder.endsWith(`export=${manifest.run}-2/`))).toBe(true);
  });

  it("fails with BigQuery's reason and a next step if it will not pass", async () => {
    const shop = await shopOf(["20261121"]);
    const error = { code: "PERMISSION_DENIED", reason: "accessDenied", message: "Access Denied: x" } as const;
    cloud.faults.add({ call: "BigQuery.job.run", error });
    const { stages } = await exporting(shop, "2026-11-21");
    expect(stages.export).toMatchObject({ state: "failed", attempt: 1, retry: false });
    expect(stages.export.reason).toMatch(
      /export of 2026-11-21 failed .*accessDenied.*Access Denied: x\n {2}Next: .*jobUser/,
    );
  });

  it("says which dataset it may not read, or that none is named", async () => {
    const shop = await shopOf(["20261121"]);
    cloud.faults.add({ call: "BigQuery.ListTables", error: { code: "PERMISSION_DENIED", message: "no" } });
    const refused = await exporting(shop, "2026-11-21");
    expect(refused.stages.export.reason).toMatch(
      /^Listing the tables of analytics_.*\n {2}Next: .*metadataViewer/,
    );
    const { dataset: _, ...rest } = shop.settings;
    await expect(completeDays(rest as Settings)("2026-11-01", "2026-11-30")).rejects.toThrow(
      /no dataset is named/,
    );
  });
});
