import type { FastifyBaseLogger } from "fastify";
import type { Person } from "../contracts/http/pages.ts";
import { SHOP_PATH } from "../contracts/http/shop-path.ts";
import type { Settings } from "../contracts/settings/settings.ts";
import { addEvents } from "./attribution/events-route.ts";
import { addCatalogue } from "./catalogue/catalogue-routes.ts";
import { requireKeys, requireOwnName } from "./http/access.ts";
import { limitConnections } from "./http/connections.ts";
import { makeDrainable } from "./http/draining.ts";
import { createApp, type App, type Timeouts } from "./http/fastify-app.ts";
import { limitLoad } from "./http/load-limit.ts";
import { addReference } from "./http/reference.ts";
import { refuseUnknown } from "./http/refuse-unknown.ts";
import { addLiveness, addReadiness, addReadinessOfAll } from "./observe/health-routes.ts";
import type { ServiceMetrics } from "./observe/service-metrics.ts";
import { addShopPages } from "./page/page-routes.ts";
import { addPersonal } from "./personal/personal-route.ts";
import { addShopsPage } from "./page/shops-page.ts";
import { addReviews } from "./reviews/reviews-routes.ts";
import { addRecommendation } from "./recommend/recommendation-routes.ts";
import type { Shops } from "./shops.ts";

export interface AppOptions {
  settings: Settings;
  shops: Shops;
  metrics: ServiceMetrics;
  /** Queries are never logged: they say what a customer did. */
  log: FastifyBaseLogger;
  timeouts?: Timeouts | undefined;
  /** Customers whom the storefront offers to be. */
  people?: readonly Person[] | undefined;
}

/**
 * The recommender: what it answers. How it listens is in server.ts.
 * @param hasPages whether the pages of local use are shown
 */
export async function buildApp(options: AppOptions, hasPages = false): Promise<App> {
  const { settings, shops, metrics, log, timeouts, people = [] } = options;
  const app = createApp(log, settings, timeouts);
  const refused = () => metrics.others.refused.add(["connections"]);
  const connections = limitConnections(app.server, settings, refused);
  makeDrainable(app);
  if (settings.origins.length > 0) await allowOrigins(app, settings.origins);
  limitLoad(app, settings.maxConcurrent, { shops, metrics, connections });
  if (settings.access === "open") requireOwnName(app, settings);
  if (settings.access === "keys") requireKeys(app, shops, metrics);
  refuseUnknown(app, shops);
  if (settings.docs) await addReference(app, settings, shops);
  addLiveness(app);
  if (hasPages && !shops.only) addShopsPage(app, shops, true);
  const addRoutesOfShop = (routes: App) => {
    addRecommendation(routes, shops);
    addPersonal(routes, shops);
    addCatalogue(routes, shops);
    if (settings["reviews.on"]) addReviews(routes, shops);
    addEvents(routes, shops, settings.origins);
    addReadiness(routes, shops);
    if (hasPages) addShopPages(routes, shops, settings, people);
  };
  if (shops.only) addRoutesOfShop(app);
  else addReadinessOfAll(app, shops);
  await app.register(async (routes) => addRoutesOfShop(routes), { prefix: SHOP_PATH });
  return app;
}

async function allowOrigins(app: App, origins: string[]): Promise<void> {
  const { default: cors } = await import("@fastify/cors");
  await app.register(cors, {
    origin: origins,
    exposedHeaders: ["etag", "location", "retry-after", "server-timing"],
    maxAge: 3600,
    strictPreflight: false,
  });
}
