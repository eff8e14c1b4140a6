import { hash, randomUUID } from "node:crypto";
import type { FastifyReply } from "fastify";
import { Type } from "typebox";
import { ItemPath } from "../../contracts/http/catalogue.ts";
import {
  ReviewAnswer,
  ReviewHeaders,
  ReviewPath,
  ReviewRequest,
  ReviewsAnswer,
  ReviewsQuery,
} from "../../contracts/http/reviews.ts";
import { MAX_ID_BYTES } from "../../contracts/interactions.ts";
import type { Added, PageStart, Review } from "../../day/reviews/review-store.ts";
import { BadRequest, Refusal } from "../http/errors.ts";
import type { App } from "../http/fastify-app.ts";
import { idempotencyKey } from "../http/idempotency-key.ts";
import { parseCount } from "../http/parse-count.ts";
import { problems, withProblems } from "../http/responses.ts";
import { traceparentBelow } from "../http/trace.ts";
import { matches } from "../recommend/etag.ts";
import type { Shop } from "../shop.ts";
import type { Shops } from "../shops.ts";

const tags = ["reviews"];
const NOT_CHANGED = { 304: Type.Null({ description: "the answer of If-None-Match still holds" }) };

/** POST /reviews, GET /reviews/{review}, GET /items/{item}/reviews */
export function addReviews(app: App, shops: Shops): void {
  app.post(
    "/reviews",
    {
      schema: {
        tags,
        operationId: "sendReview",
        summary: "A user's review of an item: it is stored at once, and its sentiment comes later",
        headers: ReviewHeaders,
        body: ReviewRequest,
        response: {
          201: { description: "it is stored; Location names it", ...ReviewAnswer },
          ...problems([400, 422, 429, 503]),
        } as unknown as { 201: typeof ReviewAnswer },
      },
    },
    async (request, reply) => {
      const { body, headers } = request;
      checkText("user", body.user, MAX_ID_BYTES);
      checkText("item", body.item, MAX_ID_BYTES);
      checkText("text", body.text);
      const { settings, reviews } = reviewing(shops.of(request));
      const added = await within(
        reviews.add({
          ...body,
          id: randomUUID(),
          shop: settings.shop,
          key: idempotencyKey(headers),
          traceparent: traceparentBelow(request.headers["traceparent"]),
        }),
      );
      const { review } = accepted(added);
      // Relative, for whoever has put the service below a path of their own.
      reply.code(201).headers({ location: `reviews/${review.id}`, "cache-control": "no-store" });
      // A repeated request gets the answer of the first.
      return publicReview({ ...review, scored: null });
    },
  );

  app.get(
    "/reviews/:review",
    {
      schema: {
        tags,
        operationId: "getReview",
        summary: "A review, with its sentiment when that is known",
        params: ReviewPath,
        response: { ...withProblems(ReviewAnswer, 400, 404, 503), ...NOT_CHANGED },
      },
    },
    async (request, reply) => {
      const shop = reviewing(shops.of(request));
      const review = await within(shop.reviews.get(shop.settings.shop, request.params.review));
      if (!review || isTakenDown(shop, review.item)) throw new Refusal(404, "there is no such review");
      return send(reply, request.headers["if-none-match"], publicReview(review));
    },
  );

  app.get(
    "/items/:item/reviews",
    {
      schema: {
        tags,
        operationId: "getReviews",
        summary: "An item's reviews, the newest first, and its rating",
        params: ItemPath,
        querystring: ReviewsQuery,
        response: { ...withProblems(ReviewsAnswer, 400, 404, 503), ...NOT_CHANGED },
      },
    },
    async (request, reply) => {
      const { item } = request.params;
      checkText("item", item, MAX_ID_BYTES);
      const { n, cursor } = request.query;
      const count = parseCount(n);
      const shop = reviewing(shops.of(request));
      if (isTakenDown(shop, item)) throw new Refusal(404, "this item is taken down");
      const start = cursor === undefined ? undefined : startOf(cursor);
      const page = await within(shop.reviews.page(shop.settings.shop, item, count, start));
      const { rating, reviews, hasMore } = page;
      const next = hasMore ? cursorAt(reviews.at(-1)!) : null;
      const answer = { item, rating, reviews: reviews.map(publicReview), next };
      return send(reply, request.headers["if-none-match"], answer);
    },
  );
}

const cursorAt = ({ at, id }: PageStart) => `${at}.${id}`;

/** The schema has checked its form. */
function startOf(cursor: string): PageStart {
  const [at, id] = cursor.split(".");
  return { at: Number(at), id };
}

/** Who wrote it stays between them and the shop. */
function publicReview({ id, item, stars, text, scored, at }: Review): ReviewAnswer {
  const sentiment = scored?.sentiment ?? null;
  return { review: id, item, stars, text, sentiment, at: new Date(at).toISOString() };
}

/** @throws Refusal where the shop takes none. */
export function reviewing(shop: Shop) {
  const { reviews } = shop;
  if (!reviews) throw new Refusal(404, "this recommender takes no reviews: see the setting reviews.on");
  return { ...shop, reviews };
}

/** Before the first model nothing is known to be taken down. */
const isTakenDown = ({ model }: Pick<Shop, "model">, item: string) =>
  model.get()?.blocked().has(item) ?? false;

/** @throws BadRequest for what could not be stored as it is. */
function checkText(field: string, text: string, mostBytes = Infinity): void {
  if (!text.isWellFormed())
    throw new BadRequest(field, `${field} has half of a surrogate pair: it is no text`);
  if (Buffer.byteLength(text) > mostBytes)
    throw new BadRequest(field, `${field} has more than ${mostBytes} bytes`);
}

/** @throws Refusal when the store does not do it. */
export async function within<T>(stored: Promise<T>): Promise<T> {
  try {
    return await stored;
  } catch {
    // The store tells its own log why.
    throw new Refusal(503, "reviews cannot be read or written at the moment: try again", {
      "retry-after": "5",
    });
  }
}

/** @throws Refusal for a review that was not stored. */
function accepted(added: Added): Extract<Added, { review: unknown }> {
  if (added.outcome === "key reused")
    throw new Refusal(422, "this Idempotency-Key came with another body before: take a new one");
  if (added.outcome !== "limited") return added;
  const what = added.limit === "perItem" ? "of this item within 24 hours" : "within an hour";
  const seconds = Math.max(1, Math.ceil((added.retryAt - Date.now()) / 1000));
  throw new Refusal(429, `this user has written as many reviews as they may ${what}`, {
    "retry-after": `${seconds}`,
  });
}

/** Sends an answer that may be kept as long as asking again finds it unchanged. */
function send<T>(reply: FastifyReply, ifNoneMatch: string | undefined, answer: T): T {
  const etag = `W/"${hash("sha256", JSON.stringify(answer)).slice(0, 16)}"`;
  reply.headers({ etag, "cache-control": "private, no-cache" });
  return matches(ifNoneMatch, etag) ? (reply.code(304).send() as unknown as T) : answer;
}
