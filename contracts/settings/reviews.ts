import { Type, type Static } from "typebox";
import { choice, integer, number, shaping } from "./schema.ts";

/** Reviews: how many a user may write, and who finds out what they say. */
export const reviews = {
  "reviews.on": Type.Boolean({
    description: "take reviews of items (POST /reviews) and show them",
    default: false,
  }),
  "reviews.perItem": integer("reviews that a user may write of one item in 24 hours", 1, 1, 1000),
  "reviews.perHour": integer("reviews that a user may write in an hour", 3, 1, 1000),
  "reviews.address": Type.Optional(
    Type.String({
      description:
        "host:port of the inference service, which finds the sentiment of texts (default: there is none; reviews wait for it)",
      pattern: "^[^\\s/]{1,253}:\\d{1,5}$",
    }),
  ),
  "reviews.auth": choice(
    "how the inference service is called: in plain text, or with TLS and a Google identity token, as personal.auth says",
    ["none", "google"],
  ),
  "reviews.callMs": integer(
    "deadline of one call of the inference service, in milliseconds",
    5000,
    1,
    600_000,
  ),
  "reviews.retries": integer("times that a failed call is tried again at once", 2, 0, 10),
  "reviews.attempts": integer(
    "failures of one text, while the service answers for others, after which it is set aside",
    5,
    1,
    100,
  ),
  "reviews.atOnce": integer(
    "calls at work at once, for each shop and instance (on Google Cloud: of what was left behind)",
    4,
    1,
    1000,
  ),
  "reviews.breakMs": integer(
    "after failures in a row nobody calls the inference service for so many milliseconds; then one call tries it",
    5000,
    1,
    600_000,
  ),
  "reviews.weight": shaping(
    number("what a review of five stars adds to a weight, beside the weights of events", 6, 0, 1000),
  ),
  "reviews.penalty": shaping(
    number("how far an item's bad reviews lower it for everybody; 0: not at all", 1, 0, 1),
  ),
  "reviews.contradiction": shaping(
    number(
      "a sentiment below this makes four or five stars neutral, one above 1 minus this one or two stars",
      0.2,
      0,
      0.5,
    ),
  ),
};

const { "reviews.weight": _weight, "reviews.penalty": _penalty, ...ofRequests } = reviews;
/** The settings of reviews but for those of nights alone. */
export const reviewsOfRequests = ofRequests;

/** How much reviews count in a night. */
export interface ReviewKnobs {
  weight: number;
  penalty: number;
}

type Named = Static<ReturnType<typeof Type.Object<typeof reviews>>>;

export const reviewKnobsOf = (settings: Pick<Named, "reviews.weight" | "reviews.penalty">): ReviewKnobs => ({
  weight: settings["reviews.weight"],
  penalty: settings["reviews.penalty"],
});
