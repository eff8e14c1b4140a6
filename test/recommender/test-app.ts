import { pino } from "pino";
import type { AttributionRow } from "../../contracts/http/attribution.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { createRanker } from "../../core/ranking/ranker.ts";
import { decodeSnapshot } from "../../core/model/decode.ts";
import { buildApp } from "../../recommender/app.ts";
import type { CurrentModel } from "../../recommender/model/current-model.ts";
import { UNKNOWN } from "../../recommender/model/result-fields.ts";
import type { LoadedModel } from "../../recommender/model/loaded-model.ts";
import { ServiceMetrics } from "../../recommender/observe/service-metrics.ts";
import { createShop, type ShopParts } from "../../recommender/shop.ts";
import { Shops } from "../../recommender/shops.ts";
import { snapshotOf, type PlainItem } from "../core/ranking/plain-answer.ts";
import { memoryObjects, smallSnapshot, settingsWith } from "../night/shop.ts";

export const MODEL = "2026-11-21.1";
export const TOKEN_KEY = Buffer.alloc(32, "k");

/** A model of this snapshot that answers in memory; what is blocked can be changed. */
export function loadedModel(
  bytes = smallSnapshot(30, "sku"),
  name = MODEL,
  blocked = new Set<string>(),
): LoadedModel {
  const snapshot = decodeSnapshot(bytes);
  const rank = createRanker(snapshot, settingsWith());
  return {
    name,
    store: "snapshot",
    stock: () => "",
    restock: async () => {},
    loadedAt: new Date("2026-11-22T03:00:00Z"),
    hasFactors: true,
    items: snapshot.items,
    blocked: () => blocked,
    ranking: {
      when: "now",
      rank: (queries) => rank(queries).map((ranking) => ({ ...ranking, ids: snapshot })),
    },
    neighbours: async () => null,
    describe: async (items) =>
      new Map(items.filter((item) => snapshot.find(item) >= 0).map((item) => [item, UNKNOWN])),
    presentable: async (items) => [...items],
    list: async () => [],
    hasScope: () => false,
    categories: () => [],
  };
}

type Parts = { settings?: Partial<Settings> } & Partial<Omit<ShopParts, "settings" | "model">>;

/** A shop that answers from this model, and keeps in memory what it is told. */
export function testShop(current: () => LoadedModel | null, { settings = {}, ...parts }: Parts = {}) {
  let failing: string[] = [];
  const rows: AttributionRow[] = [];
  const service = new ServiceMetrics();
  const nothing = async () => ({ news: [], problems: [] });
  const model: CurrentModel = {
    get: current,
    refresh: nothing,
    refreshModel: nothing,
    refreshLists: nothing,
    failing: () => failing,
  };
  const write = async (more: AttributionRow[]) => void rows.push(...more);
  const shop = createShop({
    settings: settingsWith({ ...(parts.keys ? { access: "keys" } : {}), ...settings }),
    objects: memoryObjects(),
    model,
    keys: null,
    lists: null,
    reviews: null,
    tokenKey: TOKEN_KEY,
    sink: { write, close: async () => {}, failing: () => [] },
    metrics: service.ofShop(settings.shop ?? "toys"),
    ...parts,
  });
  const shops = new Shops(false);
  shops.add(shop);
  return {
    settings: shop.settings,
    shop,
    shops,
    metrics: service,
    rows,
    fail: (what: string[]) => void (failing = what),
  };
}

/** The recommender without a listener, answering from this model. */
export async function testApp({
  model = loadedModel(),
  ...parts
}: { model?: LoadedModel | null } & Parts = {}) {
  let current = model;
  const test = testShop(() => current, parts);
  const app = await buildApp({ ...test, log: pino({ level: "silent" }) });
  return { ...test, app, swapTo: (next: LoadedModel | null) => void (current = next) };
}

/** A small shop with categories and prices. */
export function camp(): Uint8Array {
  const item = (id: string, change: Partial<PlainItem>): PlainItem => ({
    id,
    category: null,
    price: null,
    available: true,
    users: 1,
    similar: [],
    together: [],
    ...change,
  });
  return snapshotOf([
    item("tent", {
      category: "tents",
      users: 9,
      price: 120,
      similar: [["dome", 0.5]],
      together: [["stove", 0.4]],
    }),
    item("dome", { category: "tents", users: 3, price: 80, available: null }),
    item("stove", { category: "stoves", users: 7, price: 30 }),
    item("mug", { category: "mugs", users: 8, price: 5 }),
  ]);
}
