import { LiveAnswer, ReadyAnswer, ShopsReadyAnswer } from "../../contracts/http/catalogue.ts";
import { NoModel } from "../http/errors.ts";
import type { App } from "../http/fastify-app.ts";
import { withProblems } from "../http/responses.ts";
import { modelOf } from "../model/current-model.ts";
import type { Shop } from "../shop.ts";
import type { Shops } from "../shops.ts";

const CONFIG = { isPublic: true, isUrgent: true };
const DESCRIBED = { tags: ["health"], security: [] };

/** GET /livez: the process lives. */
export function addLiveness(app: App): void {
  const schema = { ...DESCRIBED, operationId: "isAlive", response: withProblems(LiveAnswer) };
  app.get("/livez", { config: CONFIG, schema }, () => ({ status: "ok" }));
}

/** GET /readyz of a shop: its model answers. */
export function addReadiness(app: App, shops: Shops): void {
  const schema = { ...DESCRIBED, operationId: "isReady", response: withProblems(ReadyAnswer, 503) };
  app.get("/readyz", { config: CONFIG, schema }, (request) => {
    const shop = shops.of(request);
    const { name: model } = modelOf(shop);
    const failing = shop.failing();
    return { status: statusOf(failing), model, failing };
  });
}

/** GET /readyz of several shops: one at least answers. Which, and how each is. */
export function addReadinessOfAll(app: App, shops: Shops): void {
  const response = withProblems(ShopsReadyAnswer, 503);
  const schema = { ...DESCRIBED, operationId: "areReady", response };
  app.get("/readyz", { config: CONFIG, schema }, () => {
    const all = [...shops].map((shop) => [shop.settings.shop, readinessOf(shop)] as const);
    if (all.every(([, { status }]) => status === "unready"))
      throw new NoModel([...new Set(all.flatMap(([, { failing }]) => failing))]);
    const status = all.every(([, each]) => each.status === "ok") ? ("ok" as const) : ("degraded" as const);
    return { status, shops: Object.fromEntries(all) };
  });
}

function readinessOf(shop: Shop): ShopsReadyAnswer["shops"][string] {
  const model = shop.model.get()?.name ?? null;
  const failing = shop.failing();
  return { status: model === null ? "unready" : statusOf(failing), model, failing };
}

const statusOf = (failing: readonly string[]): ReadyAnswer["status"] =>
  failing.length > 0 ? "degraded" : "ok";
