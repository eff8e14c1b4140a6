import { setTimeout } from "node:timers/promises";
import { pino, type BaseLogger } from "pino";
import { personalizerDefinition, personalizerFiles } from "../adapters/grpc/personalizer.ts";
import { MAX_MESSAGE_BYTES, PERSONALIZER } from "../contracts/personalizer.ts";
import { grpcServerOf } from "../contracts/settings/grpc-server.ts";
import type { Settings } from "../contracts/settings/settings.ts";
import type { Objects } from "../night/state/objects.ts";
import { followShops } from "../serving/follow-shops.ts";
import type { Following } from "../serving/following.ts";
import { serveGrpc, type GrpcServer } from "../serving/grpc/server.ts";
import { createTurns } from "../serving/in-turn.ts";
import { handlers } from "./calls/handlers.ts";
import { ShopMetrics } from "./shop-metrics.ts";
import { openShop } from "./shop.ts";
import { Shops } from "./shops.ts";

/** Longest wait for the first model, before listening without one. */
const FIRST_LOOK_MS = 60_000;

export interface PersonalizerOptions {
  settings: Settings;
  objects: Objects;
  log?: BaseLogger;
  firstLookMs?: number;
}

export interface Personalizer extends Omit<GrpcServer, "updateHealth"> {
  shops: Shops;
  /** Looks at the pointers and the block lists now. */
  refresh: Following["refresh"];
}

/**
 * Loads the current models, listens, and follows the pointers. Without a model it listens all the
 * same, not serving, until the first is published.
 * @throws Problem when a port is taken, or a shop cannot be opened.
 */
export async function servePersonalizer(options: PersonalizerOptions): Promise<Personalizer> {
  const { settings, objects, log = pino({ level: "silent" }), firstLookMs = FIRST_LOOK_MS } = options;
  const shops = new Shops();
  const metrics: ShopMetrics[] = [];
  const inTurn = createTurns();
  let server: GrpcServer | null = null;
  const following = await followShops(settings, log, async (name) => {
    const own = new ShopMetrics(name);
    metrics.push(own);
    const tools = { log, metrics: own, inTurn, changed: () => server?.updateHealth() };
    const { shop, following } = openShop({ ...settings, shop: name }, objects, tools);
    shops.add(shop);
    return following;
  });
  await Promise.race([following.start(), setTimeout(firstLookMs, null, { ref: false })]);
  server = await serveGrpc({
    settings: grpcServerOf("personalizer", settings),
    service: PERSONALIZER,
    definition: personalizerDefinition,
    handlers: handlers(shops, log),
    maxMessageBytes: MAX_MESSAGE_BYTES,
    files: personalizerFiles,
    serves: () => shops.all().some((shop) => shop.isReady()),
    metrics: () => metrics.flatMap((shop) => shop.all()),
  }).catch((error: unknown) => {
    following.stop();
    throw error;
  });
  const { close } = server;
  log.info({}, `The Personalizer listens at ${server.address}`);
  return {
    ...server,
    shops,
    refresh: () => following.refresh(),
    close(cutOffMs) {
      following.stop();
      return close(cutOffMs);
    },
  };
}
