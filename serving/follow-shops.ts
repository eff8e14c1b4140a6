import { bucketOf } from "../adapters/storage/choose.ts";
import { shopsIn } from "../adapters/storage/shops.ts";
import { Problem } from "../contracts/problem.ts";
import { ALL_SHOPS } from "../contracts/settings/server.ts";
import type { Settings } from "../contracts/settings/settings.ts";
import { logLook, REFRESH_MS, type Following, type NewsLog } from "./following.ts";
import { createTurns } from "./in-turn.ts";
import { attempt, merged, repeat, type Look } from "./looks.ts";

/** True if the settings name several shops, or may come to. */
export const areSeveral = ({ shops }: Pick<Settings, "shops">) => shops.length > 0;

/**
 * Opens the shop that the settings name, or several. With `all` it takes up those that appear later
 * too.
 * @param open opens one shop; its model need not be loaded yet.
 * @throws Problem when `data` is a bucket with `all`; any error of `open`.
 */
export async function followShops(
  settings: Settings,
  log: NewsLog,
  open: (shop: string) => Promise<Following>,
): Promise<Following> {
  const hasAll = settings.shops.includes(ALL_SHOPS);
  const followed = new Map<string, Following>();
  const looksInTurn = createTurns();

  async function takeUp(shop: string): Promise<Following> {
    const following = await open(shop);
    followed.set(shop, following);
    return following;
  }

  async function takeUpOthers(): Promise<string[]> {
    const others = (await allShops(settings)).filter((shop) => !followed.has(shop));
    for (const shop of others) void (await takeUp(shop)).start();
    return others.map((shop) => `the shop ${shop} is served from now on`);
  }

  async function lookForOthers(): Promise<Look> {
    const look = await looksInTurn(() => attempt("the list of shops", takeUpOthers));
    logLook(look, log);
    return look;
  }

  const named = areSeveral(settings) ? settings.shops : [settings.shop];
  for (const shop of hasAll ? await allShops(settings) : named) await takeUp(shop);
  let stopLooking = () => {};
  return {
    async start() {
      const first = [...followed.values()].map((each) => each.start());
      if (hasAll) stopLooking = repeat(lookForOthers, REFRESH_MS).stop;
      await Promise.all(first);
    },
    async refresh() {
      const found = hasAll ? [await lookForOthers()] : [];
      return merged([...found, ...(await Promise.all([...followed.values()].map((each) => each.refresh())))]);
    },
    stop() {
      stopLooking();
      for (const { stop } of followed.values()) stop();
    },
  };
}

/** A bucket could list its shops only by listing all of its objects. */
async function allShops({ data }: Settings): Promise<string[]> {
  if (bucketOf(data) === undefined) return shopsIn(data);
  const why = `${data} is a bucket, and all shops are found in a data folder only`;
  throw new Problem({ doing: "Opening all shops", why, next: "name the shops: --shops a,b" });
}
