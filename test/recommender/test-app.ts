import { pino } from "pino";
import type { AttributionRow } from "../../contracts/http/attribution.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { createRanker } from "../../core/ranking/ranker.ts";
import { decodeSnapshot } from "../../core/model/decode.ts";
import { buildApp, type AppOptions } from "../../recommender/app.ts";
import type { CurrentModel, LoadedModel } from "../../recommender/model/current-model.ts";
import { ServiceMetrics } from "../../recommender/observe/service-metrics.ts";
import { snapshotOf, type PlainItem } from "../core/ranking/plain-answer.ts";
import { smallSnapshot, settingsWith } from "../night/shop.ts";

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
    loadedAt: new Date("2026-11-22T03:00:00Z"),
    items: snapshot.items,
    isConstant: true,
    blocked: () => blocked,
    rank: (queries) => rank(queries).map((ranking) => ({ ...ranking, ids: snapshot })),
    neighbours: async () => null,
    describe: async () => new Map(),
    list: async () => [],
    categories: () => [],
  };
}

/** The recommender without a listener, answering from this model. */
export async function testApp({
  model = loadedModel(),
  settings = {},
  ...options
}: {
  model?: LoadedModel | null;
  settings?: Partial<Settings>;
} & Partial<Omit<AppOptions, "model" | "settings">> = {}) {
  let current = model;
  let failing: string[] = [];
  const rows: AttributionRow[] = [];
  const metrics = new ServiceMetrics();
  const following: CurrentModel = {
    get: () => current,
    refresh: async () => ({ news: [], problems: [] }),
    refreshModel: async () => ({ news: [], problems: [] }),
    refreshLists: async () => ({ news: [], problems: [] }),
    failing: () => failing,
  };
  const sink = { write: (more: AttributionRow[]) => void rows.push(...more), close: async () => {} };
  const app = await buildApp({
    model: following,
    settings: settingsWith(settings),
    metrics,
    tokenKey: TOKEN_KEY,
    sink,
    log: pino({ level: "silent" }),
    ...options,
  });
  return {
    app,
    metrics,
    rows,
    swapTo: (next: LoadedModel | null) => void (current = next),
    fail: (what: string[]) => void (failing = what),
  };
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
    item("dome", { category: "tents", users: 3, price: 80, available: false }),
    item("stove", { category: "stoves", users: 7, price: 30 }),
    item("mug", { category: "mugs", users: 8, price: 5 }),
  ]);
}
