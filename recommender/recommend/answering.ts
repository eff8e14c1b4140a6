import { MAIN_TABLE } from "../../contracts/tables.ts";
import type { Query } from "../../core/ranking/answer.ts";
import type { Tokens } from "../attribution/token.ts";
import { modelOf, type CurrentModel } from "../model/current-model.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import type { Ranked, RanksLater } from "../model/store.ts";
import type { ShopMetrics } from "../observe/shop-metrics.ts";
import type { WrittenRatings } from "../reviews/ratings.ts";
import { createAnswerWriter } from "./answer-text.ts";
import { inBatches } from "./batches.ts";
import { matches, type StateTag } from "./etag.ts";

/** A request that waits for its answer. */
export interface Asked {
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
  send(answer?: unknown): unknown;
}

/** The parts of a shop that make its answers. */
export interface AnsweringShop {
  model: CurrentModel;
  tokens: Tokens;
  stateTag: StateTag;
  /** Null: there are no reviews. */
  ratings: WrittenRatings | null;
  metrics: Pick<ShopMetrics, "countResults">;
  failing(): string[];
}

/** Answers a request soon. */
export type Answering = (asked: Asked) => void;

/** One for all shops: it writes one answer after the other, in memory for the longest. */
const write = createAnswerWriter();

/**
 * Answers the requests for a shop in batches: each step is taken for all of them before the next
 * one (see core/ranking/ranker.ts for why).
 */
export function createAnswering(shop: AnsweringShop): Answering {
  return inBatches(answer, ({ reply }, error) => void reply.send(error), costOf);

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
      shop.metrics.countResults(results, scenario);
      return shop.tokens.sign({ model, scenario, results, ids, at: now });
    });
    const texts = ranked.map((one, k) => write(one, model, tokens[k], shop.ratings));
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

/**
 * What a request costs beside a common one. A filter may look at many items that do not fit, and
 * many items have many neighbours: some milliseconds in a large shop. Others wait for few of these.
 */
function costOf({ query: { browsed, basket, purchased, filter, maxPerCategory } }: Asked): number {
  const isDear = filter !== undefined || maxPerCategory !== undefined;
  return isDear ? DEAR : 1 + Math.floor((browsed.length + basket.length + purchased.length) / MANY);
}

const DEAR = 16;
const MANY = 50;

const JSON_TYPE = "application/json; charset=utf-8";

/** Says so if the answer that a browser has kept still holds. */
function isStillKnown({ reply, ifNoneMatch }: Asked, tag: string | null): boolean {
  const isKnown = tag !== null && matches(ifNoneMatch, tag);
  if (isKnown) keepable(reply, tag).code(304).send();
  return isKnown;
}

/** Says that an answer may be kept as long as its tag holds; without one it may not. */
function keepable(reply: Replying, tag: string | null): Replying {
  if (tag === null) return reply.header("cache-control", "no-store");
  return reply.header("etag", tag).header("cache-control", "private, no-cache");
}
