import type { FastifyBaseLogger } from "fastify";
import { bucketOf } from "../adapters/storage/choose.ts";
import { shopsIn } from "../adapters/storage/shops.ts";
import { Problem } from "../contracts/problem.ts";
import { ALL_SHOPS } from "../contracts/settings/server.ts";
import type { Settings } from "../contracts/settings/settings.ts";
import type { Objects } from "../night/state/objects.ts";
import { followShop, REFRESH_MS, type Following } from "./follow-shop.ts";
import { createTurns } from "./in-turn.ts";
import { attempt, merged, repeat, type Look } from "./looks.ts";
import type { ServiceMetrics } from "./observe/service-metrics.ts";
import { openShop } from "./shop.ts";
import { Shops } from "./shops.ts";

interface Tools {
  log: FastifyBaseLogger;
  metrics: ServiceMetrics;
}

/** The shops of the settings, which are kept current. */
export interface FollowedShops extends Omit<Following, "stop"> {
  shops: Shops;
  /** Stops looking, and writes down what waits to be. */
  close(): Promise<void>;
}

/**
 * Opens the shop that the settings name, or several. With `all` it takes up those that appear later
 * too.
 * @throws Problem when a shop cannot be opened (see shop.ts), or `data` is a bucket with `all`.
 */
export async function openShops(settings: Settings, objects: Objects, tools: Tools): Promise<FollowedShops> {
  const { log, metrics } = tools;
  const areSeveral = settings.shops.length > 0;
  const hasAll = settings.shops.includes(ALL_SHOPS);
  const shops = new Shops(areSeveral);
  const followed: Following[] = [];
  const inTurn = createTurns();
  const looksInTurn = createTurns();

  async function open(name: string): Promise<Following> {
    const own = areSeveral ? log.child({ shop: name }) : log;
    const shopTools = { log: own, metrics: metrics.ofShop(name), inTurn };
    const shop = await openShop({ ...settings, shop: name }, objects, shopTools);
    const following = followShop(shop, own);
    shops.add(shop);
    followed.push(following);
    return following;
  }

  async function takeUpOthers(): Promise<string[]> {
    const others = (await allShops(settings)).filter((name) => !shops.get(name));
    for (const name of others) void (await open(name)).start();
    return others.map((name) => `the shop ${name} is served from now on`);
  }

  async function lookForOthers(): Promise<Look> {
    const look = await looksInTurn(() => attempt("the list of shops", takeUpOthers));
    for (const text of look.news) log.info(text);
    for (const error of look.problems) log.error({ err: error }, (error as Error).message);
    return look;
  }

  const named = areSeveral ? settings.shops : [settings.shop];
  for (const name of hasAll ? await allShops(settings) : named) await open(name);
  let stopLooking = () => {};
  return {
    shops,
    async start() {
      const first = followed.map((each) => each.start());
      if (hasAll) stopLooking = repeat(lookForOthers, REFRESH_MS).stop;
      await Promise.all(first);
    },
    async refresh() {
      const found = hasAll ? [await lookForOthers()] : [];
      return merged([...found, ...(await Promise.all(followed.map((each) => each.refresh())))]);
    },
    async close() {
      stopLooking();
      for (const { stop } of followed) stop();
      await Promise.all([...shops].map((shop) => shop.close()));
    },
  };
}

/** A bucket could list its shops only by listing all of its objects. */
async function allShops({ data }: Settings): Promise<string[]> {
  if (bucketOf(data) === undefined) return shopsIn(data);
  const why = `${data} is a bucket, and all shops are found in a data folder only`;
  throw new Problem({ doing: "Opening all shops", why, next: "name the shops: --shops a,b" });
}
