import { MAX_ID_BYTES } from "../../contracts/interactions.ts";
import { PersonalAnswer, PersonalQuery, UserPath } from "../../contracts/http/personal.ts";
import { BadRequest } from "../http/errors.ts";
import type { App } from "../http/fastify-app.ts";
import { withProblems } from "../http/responses.ts";
import { modelOf } from "../model/current-model.ts";
import { readQuery } from "../recommend/parse-query.ts";
import type { Shops } from "../shops.ts";
import { traceparentBelow } from "../http/trace.ts";

/** GET /users/{user}/recommendations */
export function addPersonal(app: App, shops: Shops): void {
  app.get(
    "/users/:user/recommendations",
    {
      schema: {
        tags: ["recommendations"],
        operationId: "getPersonalRecommendations",
        summary: "Items for a user, by all that they did; similar or popular ones until these are there",
        params: UserPath,
        querystring: PersonalQuery,
        response: withProblems(PersonalAnswer, 400, 404, 503),
      },
    },
    async (request, reply) => {
      const startedAt = performance.now();
      const { user } = request.params;
      if (Buffer.byteLength(user) > MAX_ID_BYTES)
        throw new BadRequest("user", `user has more than ${MAX_ID_BYTES} bytes`);
      const { scope = "", ...query } = request.query;
      const traceparent = traceparentBelow(request.headers["traceparent"]);
      const shop = shops.of(request);
      const parsed = await readQuery(query, () => modelOf(shop));
      const answer = await shop.answerUser({ ...parsed, user, scope, traceparent });
      const took = Math.round((performance.now() - startedAt) * 1000) / 1000;
      // The next answer may be another one, and it is nobody else's.
      reply.headers({ "cache-control": "private, no-store", "server-timing": `answer;dur=${took}` });
      return answer;
    },
  );
}
