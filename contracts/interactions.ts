import { Type, type Static } from "typebox";

/** The three events that count, by their GA4 names, the weakest first. */
export const EVENTS = ["view_item", "add_to_cart", "purchase"] as const;
export type EventName = (typeof EVENTS)[number];

/**
 * User and item ids have 1 to 256 bytes of UTF-8. They are always text: `1e5` and `007` stay as
 * they are.
 */
export const MAX_ID_BYTES = 256;

/** A calendar day, `2026-11-21`. */
export const Day = Type.String({ pattern: "^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$" });

/**
 * One row of `shops/<shop>/interactions/day=<day>/export=<attempt>/*.parquet`. It counts one kind
 * of event between one user and one item on one day.
 */
export const Interaction = Type.Object({
  user: Type.String({ description: "who: user_id, else user_pseudo_id (the setting `identity`)" }),
  item: Type.String({ description: "item id" }),
  event: Type.Union(EVENTS.map((name) => Type.Literal(name)) as never),
  count: Type.Integer({ minimum: 1, description: "how many such events (units are not counted)" }),
  lastAt: Type.Integer({ description: "when the last of them happened: microseconds since 1970, UTC" }),
  day: Day,
  device: Type.Optional(
    Type.Union([Type.String(), Type.Null()], {
      description:
        "the device (user_pseudo_id) on which the user_id was seen; null: unknown, or the user is the device itself. Absent where devices do not take their user's id (`identity`)",
    }),
  ),
  scope: Type.Optional(
    Type.Union([Type.String(), Type.Null()], {
      description: `the scope that the user's last event of the day which names one names, at most ${MAX_ID_BYTES} bytes; null: none does. Absent where scopes are not asked for`,
    }),
  ),
});
export type Interaction = Omit<Static<typeof Interaction>, "event"> & { event: EventName };

/**
 * One row of `shops/<shop>/items/day=<day>/export=<attempt>/*.parquet`. It holds an item's data
 * from the day's last event. All columns but `item` and `lastAt` may be null.
 */
export const ItemRow = Type.Object({
  item: Type.String(),
  name: Type.Union([Type.String(), Type.Null()]),
  category: Type.Union([Type.String(), Type.Null()]),
  price: Type.Union([Type.Number(), Type.Null()]),
  lastAt: Type.Integer({ description: "microseconds since 1970, UTC" }),
  day: Day,
});
export type ItemRow = Static<typeof ItemRow>;

/** The event of a positive review, where interactions and reviews are read together. */
export const REVIEW = "review";

/**
 * One row of `shops/<shop>/reviews/export=<attempt>/*.parquet`: a user's latest review of an item.
 * docs/ARCHITECTURE.md says what follows from it.
 */
export const ReviewRow = Type.Object({
  user: Type.String(),
  item: Type.String(),
  rating: Type.Number({ minimum: -1, maximum: 1, description: "below 0: negative; 0: neutral" }),
  at: Type.Integer({ description: "microseconds since 1970, UTC" }),
});
export type ReviewRow = Static<typeof ReviewRow>;

/**
 * The reasons for which an event row does not count. `damaged` marks signs of a broken file. Too
 * many damaged rows (the setting `rejectLimit`) fail the run. The other reasons are normal in a
 * shop's data.
 */
export const REJECT_REASONS = {
  malformed_line: {
    damaged: true,
    means: "the line is not valid CSV or JSON, has too few or too many cells, or more than 2 MB",
  },
  bad_time: {
    damaged: true,
    means: "the time is missing, cannot be read, or lies before 2000 or after tomorrow",
  },
  bad_id: { damaged: true, means: "a user or item id is longer than 256 bytes" },
  bad_quantity: { damaged: true, means: "the quantity is not a number" },
  no_item: {
    damaged: false,
    means: 'no item is named: the id is empty, "(not set)", "undefined" or the like',
  },
  no_user: {
    damaged: false,
    means: 'nobody is named: the id is empty, "guest", "undefined" or the like; a visitor without consent',
  },
  erased: { damaged: false, means: "it is of a user who was erased, from before the erasure" },
  cancelled: { damaged: false, means: "a purchase of zero or less: a cancellation or a return" },
} as const;
export type RejectReason = keyof typeof REJECT_REASONS;
