import { EventsAnswer, EventsRequest } from "../../contracts/http/attribution.ts";
import type { App } from "../http/fastify-app.ts";
import { withProblems } from "../http/responses.ts";
import type { Shops } from "../shops.ts";

/** POST /events: what became of results. It needs no key: the token of an answer is the proof. */
export function addEvents(app: App, shops: Shops): void {
  app.post(
    "/events",
    {
      config: { isPublic: true },
      schema: {
        tags: ["attribution"],
        operationId: "sendEvents",
        security: [],
        summary: "What customers did with the results they were shown",
        body: EventsRequest,
        response: withProblems(EventsAnswer, 400, 503),
      },
    },
    (request) => shops.of(request).take(request.body.events, new Date()),
  );
}
