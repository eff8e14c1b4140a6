import type { AppOptions } from "./app.ts";
import { addCatalogue } from "./catalogue/catalogue-routes.ts";
import { isLoopback, requireOwnName } from "./http/access.ts";
import { createApp, type App } from "./http/fastify-app.ts";
import { refuseUnknown } from "./http/refuse-unknown.ts";
import { addOperatorPages } from "./page/page-routes.ts";

/**
 * The operators' view, on a listener of its own: GET /metrics, in Prometheus' text format; the
 * operator's page, and the routes of the catalogue, which it asks. There is no key here: who can
 * reach it may ask.
 */
export function buildOps({ shop, metrics, log, timeouts }: AppOptions): App {
  const ops = createApp(log, timeouts);
  if (isLoopback(shop.settings.opsHost)) requireOwnName(ops, { origins: [] });
  refuseUnknown(ops);
  ops.get("/metrics", (_request, reply) =>
    reply.type("text/plain; version=0.0.4; charset=utf-8").send(metrics.text()),
  );
  addCatalogue(ops, shop);
  addOperatorPages(ops, shop);
  return ops;
}
