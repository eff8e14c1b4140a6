import { Type } from "typebox";
import {
  RecommendationAnswer,
  RecommendationQuery,
  RecommendationRequest,
} from "../../contracts/http/recommendation.ts";
import type { Query } from "../../core/ranking/answer.ts";
import { modelOf } from "../model/current-model.ts";
import type { App } from "../http/fastify-app.ts";
import { withProblems } from "../http/responses.ts";
import type { Shops } from "../shops.ts";
import { ambiguousIds, parseQuery, parseRequest, readQuery } from "./parse-query.ts";

/** GET and POST /make_recommendation */
export function addRecommendation(app: App, shops: Shops): void {
  const response = withProblems(RecommendationAnswer, 400, 503);
  const describe = { tags: ["recommendations"], response };

  app.get(
    "/make_recommendation",
    {
      schema: {
        ...describe,
        operationId: "getRecommendation",
        summary: "Items for a customer, by what they did",
        querystring: RecommendationQuery,
        response: { ...response, 304: Type.Null({ description: "the answer of If-None-Match still holds" }) },
      },
    },
    (request, reply) => {
      const startedAt = performance.now();
      const ifNoneMatch = request.headers["if-none-match"];
      const shop = shops.of(request);
      const ask = (query: Query) => shop.answer({ query, reply, startedAt, isKeepable: true, ifNoneMatch });
      // Most requests have no such text, and need not wait for a turn.
      if (ambiguousIds(request.query).length === 0) return ask(parseQuery(request.query));
      readQuery(request.query, () => modelOf(shop)).then(ask, (error) => reply.send(error));
    },
  );

  app.post(
    "/make_recommendation",
    {
      schema: {
        ...describe,
        operationId: "recommend",
        summary: "The same with a filter, limits and recency",
        body: RecommendationRequest,
      },
    },
    (request, reply) => {
      const startedAt = performance.now();
      const { answer } = shops.of(request);
      answer({ query: parseRequest(request.body), reply, startedAt, isKeepable: false });
    },
  );
}
