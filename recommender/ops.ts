import { SHOP_PATH } from "../contracts/http/shop-path.ts";
import type { AppOptions } from "./app.ts";
import { addCatalogue } from "./catalogue/catalogue-routes.ts";
import { isLoopback, requireOwnName } from "./http/access.ts";
import { createApp, type App } from "./http/fastify-app.ts";
import { addLiveness, addReadinessOfAll } from "./observe/health-routes.ts";
import { refuseUnknown } from "./http/refuse-unknown.ts";
import { addOperatorStart, addShopOperator } from "./page/page-routes.ts";

/**
 * The operators' view, on a listener of its own: GET /metrics, in Prometheus' text format; the
 * operator's page, and the routes of the catalogue, which it asks. There is no key here: who can
 * reach it may ask.
 */
export async function buildOps({ settings, shops, metrics, log, timeouts }: AppOptions): Promise<App> {
  const ops = createApp(log, settings, timeouts);
  if (isLoopback(settings.opsHost)) requireOwnName(ops, { origins: [] });
  refuseUnknown(ops, shops);
  ops.get("/metrics", (_request, reply) =>
    reply.type("text/plain; version=0.0.4; charset=utf-8").send(metrics.text()),
  );
  addLiveness(ops);
  addReadinessOfAll(ops, shops);
  addOperatorStart(ops, shops);
  const addRoutesOfShop = (routes: App) => {
    addCatalogue(routes, shops);
    addShopOperator(routes, shops);
  };
  if (shops.only) addRoutesOfShop(ops);
  await ops.register(async (routes) => addRoutesOfShop(routes), { prefix: SHOP_PATH });
  return ops;
}
