import { Type } from "typebox";
import {
  RecommendationAnswer,
  RecommendationQuery,
  RecommendationRequest,
} from "../../contracts/recommendation.ts";
import type { Answer, Query } from "../../core/answer.ts";
import type { App } from "../fastify-app.ts";
import { modelOf, type Context } from "../context.ts";
import type { LoadedModel } from "../current-model.ts";
import { matches } from "../etag.ts";
import { parseQuery, parseRequest } from "../recommendation-query.ts";
import { withProblems } from "./responses.ts";

interface Replying {
  header(name: string, value: string): unknown;
  send(answer: RecommendationAnswer): unknown;
}

/** GET and POST /make_recommendation */
export function addRecommendation(app: App, context: Context): void {
  const response = withProblems(RecommendationAnswer, 400, 503);
  const describe = { tags: ["recommendations"], response };

  app.get(
    "/make_recommendation",
    {
      schema: {
        ...describe,
        ...{ operationId: "getRecommendation", summary: "Items for a customer, by what they did" },
        querystring: RecommendationQuery,
        response: { ...response, 304: Type.Null({ description: "the answer of If-None-Match still holds" }) },
      },
    },
    (request, reply) => {
      const startedAt = performance.now();
      const query = parseQuery(request.query);
      const model = modelOf(context);
      const tag = context.stateTag(model, Date.now());
      const isKnown = tag !== null && matches(request.headers["if-none-match"], tag);
      if (isKnown) return void keepable(reply, tag).code(304).send(null);
      return answered(query, model, reply, startedAt, tag);
    },
  );

  app.post(
    "/make_recommendation",
    {
      schema: {
        ...describe,
        ...{ operationId: "recommend", summary: "The same with a filter, limits and recency" },
        body: RecommendationRequest,
      },
    },
    (request, reply) => {
      const startedAt = performance.now();
      return answered(parseRequest(request.body), modelOf(context), reply, startedAt);
    },
  );

  /** Answers; GET's with the tag that says how long it holds. At once, without a promise, where the model is in memory. */
  function answered(
    query: Query,
    model: LoadedModel,
    reply: Replying,
    startedAt: number,
    tag?: string | null,
  ): void | Promise<RecommendationAnswer> {
    const finish = ({ results, model, missingIds }: Answer) => {
      const scenario = query.scenario ?? "similar";
      const attributionToken = context.tokens.sign({ results, model }, scenario, Date.now());
      context.measures.countResults(results, scenario);
      // Only now: a failure must not be kept.
      if (tag !== undefined) keepable(reply, tag);
      reply.header(
        "server-timing",
        `answer;dur=${Math.round((performance.now() - startedAt) * 1000) / 1000}`,
      );
      return { results, model, missingIds, attributionToken };
    };
    const answer = model.recommend(query);
    return answer instanceof Promise ? answer.then(finish) : void reply.send(finish(answer));
  }
}

/** Says that an answer may be kept as long as its tag holds; without one it may not. */
function keepable<R extends Pick<Replying, "header">>(reply: R, tag: string | null): R {
  if (tag === null) reply.header("cache-control", "no-store");
  else {
    reply.header("etag", tag);
    reply.header("cache-control", "private, no-cache");
  }
  return reply;
}
