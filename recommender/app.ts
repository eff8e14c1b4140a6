import type { FastifyBaseLogger } from "fastify";
import { addEvents } from "./attribution/events-route.ts";
import { addCatalogue } from "./catalogue/catalogue-routes.ts";
import { requireKeys, requireOwnName } from "./http/access.ts";
import { makeDrainable } from "./http/draining.ts";
import { createApp, type App, type Timeouts } from "./http/fastify-app.ts";
import { limitLoad } from "./http/load-limit.ts";
import { addReference } from "./http/reference.ts";
import { refuseUnknown } from "./http/refuse-unknown.ts";
import { addHealth } from "./observe/health-routes.ts";
import type { ServiceMetrics } from "./observe/service-metrics.ts";
import { addPages } from "./page/page-routes.ts";
import { addRecommendation } from "./recommend/recommendation-routes.ts";
import type { Shop } from "./shop.ts";

export interface AppOptions {
  shop: Shop;
  metrics: ServiceMetrics;
  /** Queries are never logged: they say what a customer did. */
  log: FastifyBaseLogger;
  timeouts?: Timeouts | undefined;
}

/**
 * The recommender: what it answers. How it listens is in server.ts.
 * @param hasPages whether the pages of local use are shown
 */
export async function buildApp({ shop, metrics, log, timeouts }: AppOptions, hasPages = false): Promise<App> {
  const { settings, keys } = shop;
  const app = createApp(log, timeouts);
  app.server.maxConnections = settings.maxConnections;
  app.server.on("drop", () => metrics.refused.add(["connections"]));
  makeDrainable(app);
  if (settings.origins.length > 0) await allowOrigins(app, settings.origins);
  limitLoad(app, settings.maxConcurrent, metrics);
  if (settings.access === "open") requireOwnName(app, settings);
  if (keys) requireKeys(app, keys, metrics);
  refuseUnknown(app);
  if (settings.docs) await addReference(app, settings);
  addRecommendation(app, shop, metrics);
  addCatalogue(app, shop);
  addEvents(app, shop);
  addHealth(app, shop);
  if (hasPages) addPages(app, shop);
  return app;
}

async function allowOrigins(app: App, origins: string[]): Promise<void> {
  const { default: cors } = await import("@fastify/cors");
  await app.register(cors, {
    origin: origins,
    exposedHeaders: ["etag", "retry-after", "server-timing"],
    maxAge: 3600,
    strictPreflight: false,
  });
}
