import { Type, type Static } from "typebox";
import { integer, number, shaping, weights } from "./schema.ts";

/** The knobs of matrix factorisation. docs/ARCHITECTURE.md has the objective. */
export const ALS_KNOBS = {
  factors: integer("numbers that describe a user or an item; 0: no personal recommendations", 64, 0, 512),
  iterations: integer("times that all items, then all users are solved", 15, 1, 1000),
  regularization: number("lambda: what keeps factors small", 0.01, 1e-9, 1e6),
  exponent: number("lambda counts a row's entries to this power", 1, 0, 2),
  unobserved: number("weight of a pair without an event, beside the weights of events", 0.1, 1e-6, 1e6),
  eventWeights: weights("what one event adds to the weight of a user and an item", [0.5, 2, 6]),
  seed: integer("chooses the factors that training starts from", 1, 0, 4_294_967_295),
};

/** Settings of serving: a change needs no new night. */
const SERVING = {
  "als.blend": number(
    "share of the factors in a personal score; the rest is that of items near the history",
    0.3,
    0,
    1,
  ),
};

export type AlsKnobs = Static<ReturnType<typeof Type.Object<typeof ALS_KNOBS>>>;
type Named = { [K in keyof typeof ALS_KNOBS as `als.${K}`]: (typeof ALS_KNOBS)[K] };

export const als = {
  ...(Object.fromEntries(
    Object.entries(ALS_KNOBS).map(([name, schema]) => [`als.${name}`, shaping(schema)]),
  ) as unknown as Named),
  ...SERVING,
};

/** The settings `als.*`, without the prefix. */
export const alsKnobsOf = (settings: Static<ReturnType<typeof Type.Object<Named>>>): AlsKnobs =>
  Object.fromEntries(
    Object.keys(ALS_KNOBS).map((name) => [name, settings[`als.${name}` as keyof Named]]),
  ) as AlsKnobs;
