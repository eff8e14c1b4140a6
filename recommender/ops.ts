import type { FastifyBaseLogger } from "fastify";
import { isLoopback, requireOwnName } from "./http/access.ts";
import type { CurrentModel } from "./model/current-model.ts";
import { createApp, type App, type Timeouts } from "./http/fastify-app.ts";
import type { ServiceMetrics } from "./observe/service-metrics.ts";
import { refuseUnknown } from "./http/refuse-unknown.ts";
import { addCatalogue } from "./catalogue/catalogue-routes.ts";
import { addOperatorPages, type Pages } from "./page/page-routes.ts";

export interface OpsOptions {
  metrics: ServiceMetrics;
  model: CurrentModel;
  pages: Pages;
  log: FastifyBaseLogger;
  timeouts?: Timeouts;
}

/**
 * What operators see, on a listener of its own: GET /metrics, in Prometheus' text format; the operator's page, and the routes of
 * the catalogue, which it asks. There is no key here: who can reach it may ask.
 */
export function buildOps({ metrics, model, pages, log, timeouts }: OpsOptions): App {
  const ops = createApp(log, timeouts);
  if (isLoopback(pages.settings.opsHost)) requireOwnName(ops, { origins: [] });
  refuseUnknown(ops);
  ops.get("/metrics", (_request, reply) =>
    reply.type("text/plain; version=0.0.4; charset=utf-8").send(metrics.text()),
  );
  addCatalogue(ops, { model });
  addOperatorPages(ops, { model }, pages);
  return ops;
}
