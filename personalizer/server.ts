import { setTimeout } from "node:timers/promises";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { pino, type BaseLogger } from "pino";
import { personalizerDefinition } from "../adapters/grpc/personalizer.ts";
import { MAX_MESSAGE_BYTES } from "../contracts/personalizer.ts";
import { Problem } from "../contracts/problem.ts";
import type { Settings } from "../contracts/settings/settings.ts";
import type { Objects } from "../night/state/objects.ts";
import { followShops } from "../serving/follow-shops.ts";
import type { Following } from "../serving/following.ts";
import { createTurns } from "../serving/in-turn.ts";
import { handlers } from "./calls/handlers.ts";
import { addHealth } from "./health.ts";
import { limitLoad } from "./limits.ts";
import { ServiceMetrics } from "./observe/service-metrics.ts";
import { openOps } from "./ops.ts";
import { addReflection } from "./reflection.ts";
import { openShop } from "./shop.ts";
import { Shops } from "./shops.ts";

/** Longest wait for the first model, before listening without one. */
const FIRST_LOOK_MS = 60_000;
/** Calls of one connection, health checks among them; a client holds further ones back. */
const MOST_ON_A_CONNECTION = 1000;
/** Calls still under way then are cut off. Cloud Run would end the process after ten seconds. */
const CUT_OFF_MS = 8_000;

export interface PersonalizerOptions {
  settings: Settings;
  objects: Objects;
  log?: BaseLogger;
  firstLookMs?: number;
}

export interface Personalizer {
  /** host:port */
  address: string;
  /** The operator's listener, if there is one. */
  opsUrl: string | null;
  shops: Shops;
  /** Calls and streams at work now. */
  atWork(): { calls: number; streams: number };
  /** Looks at the pointers and the block lists now. */
  refresh: Following["refresh"];
  /**
   * Says that it serves no more, ends the calls under way, and closes. What is still open after the
   * bound is cut off: a health watch would stay open for ever.
   */
  close(cutOffMs?: number): Promise<void>;
}

/**
 * Loads the current models, listens, and follows the pointers. Without a model it listens all the
 * same, not serving, until the first is published.
 * @throws Problem when a port is taken, or a shop cannot be opened.
 */
export async function servePersonalizer(options: PersonalizerOptions): Promise<Personalizer> {
  const { settings, objects, log = pino({ level: "silent" }), firstLookMs = FIRST_LOOK_MS } = options;
  const metrics = new ServiceMetrics();
  const shops = new Shops();
  const server = createServer(settings, metrics);
  const health = addHealth(server, shops);
  const inTurn = createTurns();
  const following = await followShops(settings, log, async (name) => {
    const tools = { log, metrics: metrics.ofShop(name), inTurn, changed: () => health.update() };
    const { shop, following } = openShop({ ...settings, shop: name }, objects, tools);
    shops.add(shop);
    return following;
  });
  server.addService(personalizerDefinition, handlers(shops, log));
  addReflection(server);
  await Promise.race([following.start(), setTimeout(firstLookMs, null, { ref: false })]);
  const address = await listen(server, settings);
  const ops = await openOps(settings, metrics).catch((error: unknown) => {
    server.forceShutdown();
    throw error;
  });
  log.info({}, `The Personalizer listens at ${address}`);
  return {
    address,
    opsUrl: ops?.url ?? null,
    shops,
    atWork: () => ({ ...metrics.atWork }),
    refresh: () => following.refresh(),
    async close(cutOffMs = CUT_OFF_MS) {
      following.stop();
      health.end();
      await shutDown(server, cutOffMs);
      ops?.close();
    },
  };
}

function createServer(settings: Settings, metrics: ServiceMetrics): Server {
  return new Server({
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_concurrent_streams": MOST_ON_A_CONNECTION,
    interceptors: [limitLoad(settings, metrics)],
  });
}

async function listen(server: Server, settings: Settings): Promise<string> {
  const { "personalizer.host": host, "personalizer.port": port } = settings;
  const name = host.includes(":") ? `[${host}]` : host;
  const bound = Promise.withResolvers<number>();
  server.bindAsync(`${name}:${port}`, ServerCredentials.createInsecure(), (error, port) =>
    error ? bound.reject(error) : bound.resolve(port),
  );
  try {
    return `${name}:${await bound.promise}`;
  } catch (cause) {
    const next = "stop who listens there, or choose another --personalizer.host or --personalizer.port";
    throw new Problem({ doing: `Listening on ${name}:${port}`, why: (cause as Error).message, next, cause });
  }
}

async function shutDown(server: Server, cutOffMs: number): Promise<void> {
  const closed = Promise.withResolvers<void>();
  server.tryShutdown(() => closed.resolve());
  const isOver = await Promise.race([
    closed.promise.then(() => true),
    setTimeout(cutOffMs, false, { ref: false }),
  ]);
  if (!isOver) server.forceShutdown();
}
