import { Type, type Static } from "typebox";
import { Rating } from "./rating.ts";
import { CountText, ItemId } from "./recommendation.ts";
import { MAX_ID_BYTES } from "../interactions.ts";

/** Characters that a review's text may have: Unicode code points. */
export const MAX_REVIEW_CHARACTERS = 5_000;

/** The body of `POST /reviews`. */
export const ReviewRequest = Type.Object(
  {
    user: Type.String({
      minLength: 1,
      maxLength: MAX_ID_BYTES,
      description: "the user's id in the shop's events; it is never shown",
    }),
    item: ItemId,
    stars: Type.Integer({ minimum: 1, maximum: 5 }),
    text: Type.String({
      maxLength: MAX_REVIEW_CHARACTERS,
      description: `plain text, at most ${MAX_REVIEW_CHARACTERS} characters; empty: stars alone`,
    }),
  },
  { additionalProperties: false },
);
export type ReviewRequest = Static<typeof ReviewRequest>;

/** The header that makes a retry safe: draft-ietf-httpapi-idempotency-key-header. */
export const IDEMPOTENCY_KEY = "idempotency-key";
export const ReviewHeaders = Type.Object({
  [IDEMPOTENCY_KEY]: Type.Optional(
    Type.String({
      pattern: '^("[!#-~]{1,255}"|[!#-~]{1,255})$',
      description:
        "unique to this review, such as a UUID: the same key with the same body is the same review, however often it is sent",
    }),
  ),
});

/** A review as anybody may see it. */
export const ReviewAnswer = Type.Object({
  review: Type.String({ description: "its id" }),
  item: Type.String(),
  stars: Type.Integer({ minimum: 1, maximum: 5 }),
  text: Type.String({ description: "as it was sent: escape it where you show it" }),
  sentiment: Type.Union([Type.Number({ minimum: 0, maximum: 1 }), Type.Null()], {
    description: "0 (negative) to 1 (positive); null: not known yet, or there is no text",
  }),
  at: Type.String({ description: "when it came: ISO 8601, UTC" }),
});
export type ReviewAnswer = Static<typeof ReviewAnswer>;

/** A review's id. */
const UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

/** `GET /reviews/{review}` */
export const ReviewPath = Type.Object({ review: Type.String({ pattern: `^${UUID}$` }) });

/** `GET /items/{item}/reviews` */
export const ReviewsQuery = Type.Object(
  {
    n: CountText,
    cursor: Type.Optional(
      Type.String({
        pattern: `^\\d{1,15}\\.${UUID}$`,
        description: "`next` of the page before",
      }),
    ),
  },
  { additionalProperties: false },
);
export const ReviewsAnswer = Type.Object({
  item: Type.String(),
  rating: Type.Union([Rating, Type.Null()], { description: "null: there is no review" }),
  reviews: Type.Array(ReviewAnswer, { description: "the newest first" }),
  next: Type.Union([Type.String(), Type.Null()], {
    description: "the cursor of the next page; null: this is the last",
  }),
});
export type ReviewsAnswer = Static<typeof ReviewsAnswer>;
