import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fileObjects } from "../../adapters/storage/files.ts";
import { createClient } from "../../client.ts";
import { haveScopes } from "../../contracts/settings/events.ts";
import { fingerprintOf, settingsOfRun } from "../../night/run/fingerprint.ts";
import { serve, type Server } from "../../recommender/server.ts";
import { settingsWith } from "../night/shop.ts";
import { temporaryFolder } from "../temporary.ts";
import { steamer } from "./steamer.ts";

const folder = temporaryFolder();
const servers: Server[] = [];
afterAll(() => Promise.all(servers.map((server) => server.close())));

/** Twelve users in north, twelve in south, three in west; each views the tea of where they are. */
const USERS = ["north", "south"]
  .flatMap((region) => Array.from({ length: 12 }, (_, k) => ({ user: `${region}-${k}`, region, k })))
  .concat(Array.from({ length: 3 }, (_, k) => ({ user: `west-${k}`, region: "west", k })));
const viewsOf = ({ region, k }: (typeof USERS)[number]) => [`${region}-tea`, k % 2 ? "cup" : `${region}-pot`];

async function nightOf(name: string, content: string, ...options: string[]) {
  const at = mkdtempSync(join(folder, "place-"));
  writeFileSync(join(at, name), content);
  const { status, stderr } = await steamer(at, "nightly", "--events", name, ...options);
  expect([status, stderr]).toEqual([0, expect.stringContaining("is done")]);
  const data = join(at, ".steamer");
  const settings = settingsWith({ port: 0, data, shop: "shop" });
  const server = await serve({ settings, objects: fileObjects(data) });
  servers.push(server);
  return { client: createClient({ url: `${server.url}/` }), stderr };
}

const ROWS = USERS.flatMap((one) => viewsOf(one).map((item) => ({ ...one, item })));
const csv = () => [
  "user,item,event,time,shop of",
  ...ROWS.map((row) => `${row.user},${row.item},view,2026-11-21,${row.region}`),
];
const ga4 = () =>
  ROWS.map(({ user, item, region }) =>
    JSON.stringify({
      event_date: "20261121",
      event_timestamp: "1795255260000000",
      event_name: "view_item",
      user_pseudo_id: user,
      geo: { country: "DE", region },
      items: [{ item_id: item }],
    }),
  );

describe.each([
  ["a CSV's column", "events.csv", csv(), ["--map", "scope=shop of"]],
  ["GA4's geo", "events_20261121.ndjson", ga4(), ["--ga4-scope", "geo.region"]],
])("a night with scopes from %s", async (_, name, lines, options) => {
  const { client } = await nightOf(name, lines.join("\n"), "--als.factors", "0", ...options);

  it("serves what is popular in each, with its number of users", async () => {
    const { results } = await client.popular({ scope: "north" });
    expect(results.map(({ item, users }) => [item, users])).toEqual([
      ["north-tea", 12],
      ["cup", 6],
      ["north-pot", 6],
    ]);
  });

  it("answers a cold visitor with what is popular there, then in the shop", async () => {
    const { source, results } = await client.recommendTo("nobody", { scope: "south", n: 4 });
    expect(source).toBe("popular");
    expect(results.map(({ item, score, source }) => [item, score, source])).toEqual([
      ["south-tea", 12, "popular_in_scope"],
      ["cup", 6, "popular_in_scope"],
      ["south-pot", 6, "popular_in_scope"],
      ["north-tea", 12, "popular"],
    ]);
  });

  it("asks for a scope or a category, not for both", async () => {
    const asking = client.popular({ scope: "north", category: "tea" });
    await expect(asking).rejects.toMatchObject({ problem: { status: 400 } });
  });

  it("knows no scope of few users", async () => {
    for (const asking of [
      client.popular({ scope: "west" }),
      client.recommendTo("nobody", { scope: "west" }),
      client.popular({ scope: "east" }),
    ])
      await expect(asking).rejects.toMatchObject({ problem: { status: 404 } });
  });
});

describe("a night that began without scopes", () => {
  it("has none either when it is computed again after they were asked for", () => {
    const began = fingerprintOf(settingsWith(), { lastDay: "2026-11-21" });
    const now = settingsWith({ ga4Scope: "geo.region", map: { scope: "region" } });
    const settings = settingsOfRun(now, JSON.parse(JSON.stringify(began)));
    expect(haveScopes(settings)).toBe(false);
  });
});

describe("a night that asks for scopes", () => {
  it("says so where no event names one, and serves on", async () => {
    const { client, stderr } = await nightOf("e.ndjson", ga4().join("\n"), "--ga4-scope", "device.language");
    expect(stderr).toContain("no event names a scope");
    expect((await client.popular({ n: 1 })).results).toHaveLength(1);
  });
});
