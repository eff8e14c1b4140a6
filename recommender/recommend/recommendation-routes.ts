import { Type } from "typebox";
import {
  RecommendationAnswer,
  RecommendationQuery,
  RecommendationRequest,
} from "../../contracts/http/recommendation.ts";
import { MAIN_TABLE } from "../../contracts/tables.ts";
import type { Query } from "../../core/ranking/answer.ts";
import { createAnswerWriter } from "./answer-text.ts";
import type { App } from "../http/fastify-app.ts";
import { inBatches } from "./batches.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { matches } from "./etag.ts";
import { parseQuery, parseRequest } from "./parse-query.ts";
import type { Ranked, RanksLater } from "../model/store.ts";
import type { ServiceMetrics } from "../observe/service-metrics.ts";
import { modelOf, type Shop } from "../shop.ts";
import { withProblems } from "../http/responses.ts";

/** A request that waits for its answer. */
interface Asked {
  query: Query;
  reply: Replying;
  startedAt: number;
  /** True when a browser may keep the answer; the next field names the one that it has kept. */
  isKeepable: boolean;
  ifNoneMatch?: string | undefined;
}

interface Replying {
  readonly sent: boolean;
  code(status: number): this;
  header(name: string, value: string): this;
  send(answer: unknown): unknown;
}

/** GET and POST /make_recommendation */
export function addRecommendation(app: App, shop: Shop, metrics: ServiceMetrics): void {
  const response = withProblems(RecommendationAnswer, 400, 503);
  const describe = { tags: ["recommendations"], response };
  const answer = createAnswering(shop, metrics);

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
      answer({ query: parseQuery(request.query), reply, startedAt, isKeepable: true, ifNoneMatch });
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
      answer({ query: parseRequest(request.body), reply, startedAt, isKeepable: false });
    },
  );
}

/**
 * Answers requests in batches: each step is taken for all of them before the next one (see
 * core/ranking/ranker.ts for why).
 */
function createAnswering(shop: Shop, metrics: ServiceMetrics): (asked: Asked) => void {
  const write = createAnswerWriter();
  return inBatches(answer, ({ reply }, error) => void reply.send(error));

  function answer(batch: readonly Asked[]): void {
    const model = modelOf(shop);
    const tag = shop.stateTag(model, Date.now());
    const open = batch.filter((asked) => !asked.reply.sent && !isStillKnown(asked, tag));
    const { ranking } = model;
    if (ranking.when === "now") send(model, tag, open, ranking.rank(open.map(({ query }) => query)));
    else for (const asked of open) void answerLater(model, tag, asked, ranking);
  }

  async function answerLater(model: LoadedModel, tag: string | null, asked: Asked, ranking: RanksLater) {
    try {
      send(model, tag, [asked], [await ranking.rank(asked.query)]);
    } catch (error) {
      asked.reply.send(error);
    }
  }

  function send(
    { name: model }: LoadedModel,
    tag: string | null,
    batch: readonly Asked[],
    ranked: readonly Ranked[],
  ): void {
    const now = Date.now();
    const tokens = ranked.map(({ results, ids }, k) => {
      const { scenario = MAIN_TABLE } = batch[k].query;
      metrics.countResults(results, scenario);
      return shop.tokens.sign({ model, scenario, results, ids, at: now });
    });
    const texts = ranked.map((one, k) => write(one, model, tokens[k]));
    const endedAt = performance.now();
    for (let k = 0; k < batch.length; k++) {
      const { reply, startedAt, isKeepable } = batch[k];
      // Only now: a failure must not be kept.
      if (isKeepable) keepable(reply, tag);
      const took = Math.round((endedAt - startedAt) * 1000) / 1000;
      reply.header("server-timing", `answer;dur=${took}`).header("content-type", JSON_TYPE).send(texts[k]);
    }
  }
}

const JSON_TYPE = "application/json; charset=utf-8";

/** Says so if the answer that a browser has kept still holds. */
function isStillKnown({ reply, ifNoneMatch }: Asked, tag: string | null): boolean {
  const isKnown = tag !== null && matches(ifNoneMatch, tag);
  if (isKnown) keepable(reply, tag).code(304).send(null);
  return isKnown;
}

/** Says that an answer may be kept as long as its tag holds; without one it may not. */
function keepable(reply: Replying, tag: string | null): Replying {
  if (tag === null) return reply.header("cache-control", "no-store");
  return reply.header("etag", tag).header("cache-control", "private, no-cache");
}
