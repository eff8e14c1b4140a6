import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { FastifyBaseLogger } from "fastify";
import { pino } from "pino";
import { bucketOf } from "../adapters/storage/choose.ts";
import { paths } from "../contracts/layout.ts";
import { Problem } from "../contracts/problem.ts";
import type { Settings } from "../contracts/settings/settings.ts";
import type { Objects } from "../night/state/objects.ts";
import { checkAccess } from "./http/access.ts";
import { buildApp, type AppOptions } from "./app.ts";
import { readTokenKey } from "./attribution/token-key.ts";
import { fileSink, logSink, type WatchedSink } from "./attribution/sinks.ts";
import { followPointer, merged, type CurrentModel, type Refreshed } from "./model/current-model.ts";
import { withDeadlines } from "./model/deadlines.ts";
import type { App } from "./http/fastify-app.ts";
import { followApiKeys } from "./http/api-keys.ts";
import { ServiceMetrics } from "./observe/service-metrics.ts";
import { buildOps, type OpsOptions } from "./ops.ts";
import { isLocal } from "./page/page-routes.ts";
import { openStore } from "./model/open-store.ts";
import { keepTicksFast } from "./http/ticks.ts";

const SILENT = pino({ level: "silent" });

/** A service that does not listen is ended and started again: storage that does not answer must not keep it from listening. */
const FIRST_LOOK_MS = 60_000;

/** How often the pointer, the block list and the keys are looked at. */
const REFRESH_MS = 5_000;

export interface Server {
  app: App;
  url: string;
  /** The operator's listener, if there is one. */
  opsUrl: string | null;
  /** Whether the storefront and the operator's page are shown at `url`. */
  hasPages: boolean;
  model: CurrentModel;
  /** Looks at the pointer and the lists now. */
  refresh(): Promise<Refreshed>;
  /** Answers for a while longer, but ends each connection with its next answer; then closes. */
  drain(forMs?: number): Promise<void>;
  close(): Promise<void>;
  /** Ends all connections, whatever is under way. */
  cutOff(): void;
}

export interface ServeOptions extends Partial<Pick<AppOptions, "log" | "timeouts">> {
  /** How long to wait for the first model before listening without one. */
  firstLookMs?: number;
  settings: Settings;
  objects: Objects;
}

/**
 * Loads the current model, listens, and follows the pointer. Without a model it listens all the same, not ready, until
 * the first is published.
 * @throws Problem when the port is taken, a setting that the store needs is missing, or anybody could ask from anywhere.
 */
export async function serve({
  settings,
  objects,
  log = SILENT,
  firstLookMs = FIRST_LOOK_MS,
  ...options
}: ServeOptions): Promise<Server> {
  checkAccess(settings);
  keepTicksFast();
  const { shop } = settings;
  const metrics = new ServiceMetrics();
  const stored = withDeadlines(objects);
  const store = await openStore(settings, stored);
  const keys = settings.access === "keys" ? followApiKeys(stored, shop) : undefined;
  const pointed = followPointer(stored, shop, store);
  const sink = openSink(settings, log);
  const failing = () => [...pointed.failing(), ...(keys?.failing() ?? []), ...sink.failing()];
  const model: CurrentModel = { ...pointed, failing };
  const { key: tokenKey, isShared } = await readTokenKey(settings);
  const withKeys = keys ? { keys } : {};
  const pages = { objects: stored, settings };
  const timeouts = options.timeouts ? { timeouts: options.timeouts } : {};
  const withPages = isLocal(settings) ? { pages } : {};
  const app: App = await buildApp({
    settings,
    model,
    metrics,
    tokenKey,
    sink,
    log,
    ...withKeys,
    ...withPages,
    ...options,
  });
  if (!isShared) log.warn("tokens are signed with a key of this process: name one with tokenKeyFile");
  metrics.watch(model, store);

  // Lists are followed also while a model loads, however long that takes.
  const looks = [
    () => look(log, metrics, model, [swapsCounted(model, metrics)]),
    () => look(log, metrics, model, [model.refreshLists, ...(keys ? [keys.refresh] : [])]),
  ];
  const refresh = async () => merged(await Promise.all(looks.map((look) => look())));
  const followed = looks.map(follow);
  app.addHook("onClose", async () => {
    for (const { stop } of followed) stop();
    await sink.close();
  });
  const firstLooks = Promise.all(followed.map(({ first }) => first));
  await Promise.race([firstLooks, setTimeout(firstLookMs, null, { ref: false })]);
  const url = await listen(app, settings.host, settings.port, log);
  const ops = await openOps({ pages, model, metrics, log, ...timeouts }, app);
  // Node closes idle connections at once, and others after the answer under way.
  const close = async () => void (await Promise.all([app.close(), ops?.app.close()]));
  const drain = async (forMs = DRAIN_MS) => {
    app.drain();
    await setTimeout(forMs);
    await close();
  };
  const cutOff = () => {
    for (const one of [app, ops?.app]) one?.server.closeAllConnections();
  };
  return {
    app,
    url,
    opsUrl: ops?.url ?? null,
    hasPages: isLocal(settings),
    model,
    refresh,
    drain,
    close,
    cutOff,
  };
}

function openSink({ data, shop }: Settings, log: FastifyBaseLogger): WatchedSink {
  if (bucketOf(data) !== undefined) return logSink(log);
  const folder = join(data, paths.attribution(shop));
  return fileSink(folder, (error) => log.error({ err: error }, "events could not be written down"));
}

/** The next look begins when the last has ended: a slow one is not joined by others. */
function follow(refresh: () => Promise<unknown>) {
  const over = new AbortController();
  const next = async () => {
    await setTimeout(REFRESH_MS, null, { ref: false, signal: over.signal });
    await refresh();
    void next().catch(() => {});
  };
  const first = refresh().then(() => void next().catch(() => {}));
  return { first, stop: () => over.abort() };
}

async function look(
  log: FastifyBaseLogger,
  metrics: ServiceMetrics,
  model: CurrentModel,
  parts: (() => Promise<Refreshed>)[],
): Promise<Refreshed> {
  const seen = merged(await Promise.all(parts.map((part) => part())));
  const name = model.get()?.name ?? "none";
  metrics.looks.add([seen.problems.length > 0 ? "failed" : "done"]);
  for (const text of seen.news) log.info({ model: name }, text);
  for (const error of seen.problems) log.error({ err: error, model: name }, (error as Error).message);
  return seen;
}

const swapsCounted = (model: CurrentModel, metrics: ServiceMetrics) => async () => {
  const before = model.get();
  const seen = await model.refreshModel();
  if (model.get() !== before) metrics.swaps.add([]);
  return seen;
};

/** While a service that is shut down drains: longer than a busy client waits before it uses its connection again. */
const DRAIN_MS = 1_000;
/** Requests that are still under way then are cut off; Cloud Run would end the process after ten seconds. */
const CUT_OFF_MS = 8_000;

/** SIGTERM drains, SIGINT closes at once; both finish the requests under way, then end the process. */
export function closeOnSignals({ drain, close, cutOff }: Server): void {
  const stop = async (how: () => Promise<void>) => {
    void setTimeout(CUT_OFF_MS, null, { ref: false }).then(cutOff);
    await how();
    // A model that still loads, or a store that still has connections, is not waited for.
    process.exit();
  };
  process.once("SIGINT", () => void stop(close)).once("SIGTERM", () => void stop(() => drain()));
}

async function openOps(options: OpsOptions, app: App) {
  const { opsHost, opsPort } = options.pages.settings;
  if (opsPort === undefined) return null;
  const ops = buildOps(options);
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
