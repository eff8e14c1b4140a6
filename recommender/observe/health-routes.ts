import { LiveAnswer, ReadyAnswer } from "../../contracts/http/catalogue.ts";
import type { App } from "../http/fastify-app.ts";
import { modelOf, type Shop } from "../shop.ts";
import { withProblems } from "../http/responses.ts";

/** GET /livez: the process lives. GET /readyz: a model answers. */
export function addHealth(app: App, shop: Shop): void {
  const config = { isPublic: true, isUrgent: true };
  const describe = { tags: ["health"], security: [] };
  app.get(
    "/livez",
    { config, schema: { ...describe, operationId: "isAlive", response: withProblems(LiveAnswer) } },
    () => ({ status: "ok" }),
  );
  app.get(
    "/readyz",
    { config, schema: { ...describe, operationId: "isReady", response: withProblems(ReadyAnswer, 503) } },
    () => {
      const { name } = modelOf(shop);
      const failing = shop.failing();
      const status = failing.length > 0 ? ("degraded" as const) : ("ok" as const);
      return { status, model: name, failing };
    },
  );
}
