import { Type, type Static } from "typebox";
import { ItemId, SOURCES } from "./recommendation.ts";
import { TABLE_NAMES } from "../tables.ts";

/** The events that a page reports about a result. */
export const ATTRIBUTED = ["impression", "click", "add_to_cart", "purchase"] as const;
export type Attributed = (typeof ATTRIBUTED)[number];

const oneOf = <const T extends readonly string[]>(choices: T, description: string) =>
  Type.Unsafe<T[number]>(Type.String({ enum: [...choices], description }));

export const AttributionEvent = Type.Object(
  {
    id: Type.String({
      minLength: 1,
      maxLength: 64,
      pattern: "^[A-Za-z0-9._:-]+$",
      description: "the page's own name of the event: refusals have it",
    }),
    event: oneOf(ATTRIBUTED, "what happened"),
    item: ItemId,
    token: Type.String({ maxLength: 1024, description: "attributionToken of the answer that had the item" }),
  },
  { additionalProperties: false },
);
export type AttributionEvent = Static<typeof AttributionEvent>;

/** Events that one request may have. */
export const MOST_EVENTS = 100;

/** The body of `POST /events`. */
export const EventsRequest = Type.Object(
  { events: Type.Array(AttributionEvent, { minItems: 1, maxItems: MOST_EVENTS }) },
  { additionalProperties: false },
);
export type EventsRequest = Static<typeof EventsRequest>;

export const EventsAnswer = Type.Object({
  accepted: Type.Integer(),
  duplicates: Type.Integer({
    description: "events of a kind that was accepted before for the same result of the same answer",
  }),
  refused: Type.Array(
    Type.Object({ id: Type.String({ description: "empty if it has none" }), reason: Type.String() }),
  ),
});
export type EventsAnswer = Static<typeof EventsAnswer>;

/**
 * Days for which events are kept: a little more than thirteen months, so that a month can be
 * compared with the same one a year before.
 */
export const ATTRIBUTION_DAYS = 400;

/**
 * One line of `attribution/<shop>/<day>.<part>.ndjson`. On Google Cloud it is the field
 * `attribution` of a log line. It names no customer. Rows with the same `answer`, `position` and
 * `event` are one event: readers count them once.
 */
export const AttributionRow = Type.Object({
  at: Type.String({ description: "when it was accepted: ISO 8601, UTC" }),
  id: Type.String({ description: "the page's own name of the event" }),
  answer: Type.String({ description: "which answer had the item: the end of its token" }),
  event: oneOf(ATTRIBUTED, "what happened"),
  item: Type.String(),
  source: oneOf(SOURCES, "where the result came from"),
  scenario: oneOf(TABLE_NAMES, "of the request"),
  model: Type.String(),
  position: Type.Integer({ minimum: 1, description: "the result's place in the answer" }),
});
export type AttributionRow = Static<typeof AttributionRow>;
