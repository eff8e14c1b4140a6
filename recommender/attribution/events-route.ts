import { EventsAnswer, EventsRequest } from "../../contracts/http/attribution.ts";
import { NotJson } from "../http/errors.ts";
import type { App } from "../http/fastify-app.ts";
import { withProblems } from "../http/responses.ts";
import type { Shops } from "../shops.ts";
import { wellFormed } from "./well-formed.ts";

/**
 * POST /events: what became of results. It needs no key: the token of an answer is the proof.
 * @param origins pages whose beacons are taken
 */
export function addEvents(app: App, shops: Shops, origins: readonly string[]): void {
  // A scope of its own: no other route takes a beacon's body.
  void app.register(async (routes) => {
    if (origins.length > 0) takeBeacons(routes, origins);
    routes.post(
      "/events",
      {
        config: { isPublic: true },
        attachValidation: true,
        schema: {
          tags: ["attribution"],
          operationId: "sendEvents",
          security: [],
          summary: "What customers did with the results they were shown",
          body: EventsRequest,
          response: withProblems(EventsAnswer, 400, 503),
        },
      },
      async (request) => {
        const shop = shops.of(request);
        const { events, refused } = wellFormed(request);
        const answer = await shop.take(events, new Date());
        return { ...answer, refused: [...refused, ...answer.refused] };
      },
    );
  });
}

/**
 * `navigator.sendBeacon` sends a text as text/plain, which browsers let any page do without asking
 * first. So this looks at the origin itself.
 */
function takeBeacons(routes: App, origins: readonly string[]): void {
  const readJson = routes.getDefaultJsonParser("ignore", "ignore");
  routes.addContentTypeParser<string>("text/plain", { parseAs: "string" }, (request, body, done) => {
    if (origins.includes(request.headers.origin ?? "")) return readJson(request, body, done);
    done(new NotJson());
  });
}
