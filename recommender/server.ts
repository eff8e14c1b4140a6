import { setTimeout } from "node:timers/promises";
import type { FastifyBaseLogger } from "fastify";
import { pino } from "pino";
import { Problem } from "../contracts/problem.ts";
import type { Settings } from "../contracts/settings/settings.ts";
import type { Objects } from "../night/state/objects.ts";
import { buildApp, type AppOptions } from "./app.ts";
import { openShops } from "./follow-shops.ts";
import { checkAccess } from "./http/access.ts";
import type { App } from "./http/fastify-app.ts";
import { keepTicksFast } from "./http/ticks.ts";
import type { Look } from "../serving/looks.ts";
import { ServiceMetrics } from "./observe/service-metrics.ts";
import { buildOps } from "./ops.ts";
import { isLocal } from "./page/page-routes.ts";
import type { Shops } from "./shops.ts";

const SILENT = pino({ level: "silent" });

/**
 * Longest wait for the first model. A service that does not listen is restarted, so slow storage
 * must not keep it from listening.
 */
const FIRST_LOOK_MS = 60_000;

/** The ways to stop the service. */
interface Stopping {
  /** Answers for a while longer, but ends each connection with its next answer; then closes. */
  drain(forMs?: number): Promise<void>;
  close(): Promise<void>;
  /** Ends all connections, whatever is under way. */
  cutOff(): void;
}

export interface Server extends Stopping {
  app: App;
  url: string;
  /** The operator's listener, if there is one. */
  opsUrl: string | null;
  /** True if the storefront and the operator's page are shown at `url`. */
  hasPages: boolean;
  shops: Shops;
  /** Has texts of reviews read by the inference service at this host:port, from now on. */
  readReviewsBy(address: string): Promise<void>;
  /** Looks at the pointers and the lists now. */
  refresh(): Promise<Look>;
}

export interface ServeOptions extends Partial<Pick<AppOptions, "log" | "timeouts" | "people">> {
  /** Longest wait for the first model, before listening without one. */
  firstLookMs?: number;
  settings: Settings;
  objects: Objects;
}

/**
 * Loads the current models, listens, and follows the pointers. Without a model it listens all the
 * same, not ready, until the first is published.
 * @throws Problem when the port is taken, a setting that the store needs is missing, or anybody
 *   could ask from anywhere.
 */
export async function serve(options: ServeOptions): Promise<Server> {
  const { settings, objects, log = SILENT, firstLookMs = FIRST_LOOK_MS, timeouts, people } = options;
  checkAccess(settings);
  keepTicksFast();
  const metrics = new ServiceMetrics();
  const { shops, start, close, ...followed } = await openShops(settings, objects, { log, metrics });
  const hasPages = isLocal(settings);
  const parts = { settings, shops, metrics, log, timeouts, people };
  const app = await buildApp(parts, hasPages);
  app.addHook("onClose", close);
  await Promise.race([start(), setTimeout(firstLookMs, null, { ref: false })]);
  const url = await listen(app, settings.host, settings.port, log);
  const ops = await openOps(parts, app);
  return { app, url, opsUrl: ops?.url ?? null, hasPages, shops, ...followed, ...stopping(app, ops?.app) };
}

/**
 * Time to drain at shutdown: longer than a busy client waits before it uses its connection again.
 */
const DRAIN_MS = 1_000;
/** Requests still under way then are cut off. Cloud Run would end the process after ten seconds. */
const CUT_OFF_MS = 8_000;

function stopping(app: App, ops: App | undefined): Stopping {
  // Node closes idle connections at once, and others after the answer under way.
  const close = async () => void (await Promise.all([app.close(), ops?.close()]));
  return {
    close,
    async drain(forMs = DRAIN_MS) {
      app.drain();
      await setTimeout(forMs);
      await close();
    },
    cutOff() {
      for (const one of [app, ops]) one?.server.closeAllConnections();
    },
  };
}

/**
 * SIGTERM drains, SIGINT closes at once. Both finish the requests under way, then end the process.
 */
export function closeOnSignals({ drain, close, cutOff }: Stopping): void {
  const stop = async (how: () => Promise<void>) => {
    void setTimeout(CUT_OFF_MS, null, { ref: false }).then(cutOff);
    await how();
    // A model that still loads, or a store that still has connections, is not waited for.
    process.exit();
  };
  process.once("SIGINT", () => void stop(close)).once("SIGTERM", () => void stop(() => drain()));
}

async function openOps(options: AppOptions, app: App): Promise<{ app: App; url: string } | null> {
  const { opsHost, opsPort } = options.settings;
  if (opsPort === undefined) return null;
  const ops = await buildOps(options);
  try {
    return { app: ops, url: await listen(ops, opsHost, opsPort, options.log) };
  } catch (error) {
    await app.close();
    throw error;
  }
}

async function listen(app: App, host: string, port: number, log: FastifyBaseLogger): Promise<string> {
  try {
    const url = await app.listen({ host, port });
    log.info(`Server listening at ${url}`);
    return url;
  } catch (cause) {
    await app.close();
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === "EADDRINUSE" ? "another program is listening there" : message;
    const next =
      code === "EADDRINUSE"
        ? `stop it, or choose another port: PORT=${port + 1}`
        : "choose another --host or --port";
    throw new Problem({ doing: `Listening on ${host}:${port}`, why, next, cause });
  }
}
