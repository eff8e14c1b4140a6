import type { FastifyBaseLogger } from "fastify";
import type { Settings } from "../contracts/settings/settings.ts";
import type { Objects } from "../night/state/objects.ts";
import { areSeveral, followShops } from "../serving/follow-shops.ts";
import type { Following } from "../serving/following.ts";
import { createTurns } from "../serving/in-turn.ts";
import { followShop } from "./follow-shop.ts";
import type { ServiceMetrics } from "./observe/service-metrics.ts";
import { openPersonal } from "./personal/open-personal.ts";
import { queueGauges } from "./personal/personal-metrics.ts";
import { openReviews } from "./reviews/open-reviews.ts";
import { openShop } from "./shop.ts";
import { Shops } from "./shops.ts";

interface Tools {
  log: FastifyBaseLogger;
  metrics: ServiceMetrics;
}

/** The shops of the settings, which are kept current. */
export interface FollowedShops extends Omit<Following, "stop"> {
  shops: Shops;
  /** Has texts of reviews read by the inference service at this host:port, from now on. */
  readReviewsBy(address: string): Promise<void>;
  /** Stops looking, and writes down what waits to be. */
  close(): Promise<void>;
}

/**
 * Opens the shop that the settings name, or several: see serving/follow-shops.ts.
 * @throws Problem when a shop cannot be opened (see shop.ts), or `data` is a bucket with `all`.
 */
export async function openShops(settings: Settings, objects: Objects, tools: Tools): Promise<FollowedShops> {
  const { log, metrics } = tools;
  const shops = new Shops(areSeveral(settings));
  const inTurn = createTurns();
  const personal = await openPersonal(settings, log);
  const store = personal?.store;
  if (store?.sharesQueue) metrics.show(queueGauges({}, () => store.waiting(settings.shop)));
  const reviews = await openReviews(settings, log);
  const { start, refresh, stop } = await followShops(settings, log, async (name) => {
    const own = areSeveral(settings) ? log.child({ shop: name }) : log;
    const shopTools = { log: own, metrics: metrics.ofShop(name), inTurn, personal, reviews };
    const shop = await openShop({ ...settings, shop: name }, objects, shopTools);
    shops.add(shop);
    const following = followShop(shop, own);
    const start = async () => {
      await following.start();
      shop.lists?.start();
      await shop.reviews?.start();
    };
    return { ...following, start };
  });
  return {
    shops,
    start,
    refresh,
    async readReviewsBy(address) {
      await reviews?.ask(address);
      for (const { settings } of shops) reviews?.store.wake(settings.shop);
    },
    async close() {
      stop();
      await Promise.all([...[...shops].map((shop) => shop.close()), personal?.close(), reviews?.close()]);
    },
  };
}
