import type { FastifyBaseLogger } from "fastify";
import type { Settings } from "../contracts/settings/settings.ts";
import { requireKeys, requireOwnName } from "./http/access.ts";
import { createIntake, type AttributionSink } from "./attribution/intake.ts";
import { createTokens } from "./attribution/token.ts";
import type { Context } from "./context.ts";
import type { CurrentModel } from "./model/current-model.ts";
import { createStateTag } from "./recommend/etag.ts";
import { makeDrainable } from "./http/draining.ts";
import { createApp, type App, type Timeouts } from "./http/fastify-app.ts";
import type { ApiKeys } from "./http/api-keys.ts";
import { limitLoad } from "./http/load-limit.ts";
import type { ServiceMetrics } from "./observe/service-metrics.ts";
import { addReference } from "./http/reference.ts";
import { refuseUnknown } from "./http/refuse-unknown.ts";
import { addCatalogue } from "./catalogue/catalogue-routes.ts";
import { addEvents } from "./attribution/events-route.ts";
import { addHealth } from "./observe/health-routes.ts";
import { addPages, type Pages } from "./page/page-routes.ts";
import { addRecommendation } from "./recommend/recommendation-routes.ts";

export interface AppOptions {
  model: CurrentModel;
  settings: Settings;
  metrics: ServiceMetrics;
  /** The secret that signs attribution tokens. */
  tokenKey: Uint8Array;
  sink: AttributionSink;
  /** Who may ask, with access `keys`. */
  keys?: ApiKeys;
  /** Queries are never logged: they say what a customer did. */
  log: FastifyBaseLogger;
  /** What the pages of local use are about; without it there are none. */
  pages?: Pages;
  timeouts?: Timeouts;
}

/** The recommender: what it answers. How it listens is in server.ts. */
export async function buildApp(options: AppOptions): Promise<App> {
  const { model, settings, metrics, tokenKey, sink, keys, pages, log } = options;
  const app = createApp(log, options.timeouts);
  app.server.maxConnections = settings.maxConnections;
  app.server.on("drop", () => metrics.refused.add(["connections"]));
  const tokens = createTokens(tokenKey);
  const { queryWeights, togetherWeights, includeInput } = settings;
  const context: Context = {
    model,
    tokens,
    metrics,
    take: createIntake(tokens, sink, (row) => metrics.countEvent(row)),
    stateTag: createStateTag([queryWeights, togetherWeights, includeInput], tokenKey),
  };

  makeDrainable(app);
  if (settings.origins.length > 0) {
    const { default: cors } = await import("@fastify/cors");
    const exposed = ["etag", "retry-after", "server-timing"];
    const allowed = {
      origin: settings.origins,
      exposedHeaders: exposed,
      maxAge: 3600,
      strictPreflight: false,
    };
    await app.register(cors, allowed);
  }
  limitLoad(app, settings.maxConcurrent, metrics);
  if (settings.access === "open") requireOwnName(app, settings);
  if (keys) requireKeys(app, keys, metrics);
  refuseUnknown(app);
  if (settings.docs) await addReference(app, settings);
  addRecommendation(app, context);
  addCatalogue(app, context);
  addEvents(app, context);
  addHealth(app, context);
  if (pages) addPages(app, context, pages);
  return app;
}
