import { EventsAnswer, EventsRequest } from "../../contracts/http/attribution.ts";
import type { App } from "../http/fastify-app.ts";
import type { Shop } from "../shop.ts";
import { withProblems } from "../http/responses.ts";

/** POST /events: what became of results. It needs no key: the token of an answer is the proof. */
export function addEvents(app: App, { take }: Pick<Shop, "take">): void {
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
    (request) => take(request.body.events, new Date()),
  );
}
