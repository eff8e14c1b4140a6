import { Type, type Static } from "typebox";
import { CountText, Scenario, ScopeText } from "./recommendation.ts";

/** An item's catalogue data. Null means unknown. */
const details = {
  name: Type.Union([Type.String(), Type.Null()]),
  category: Type.Union([Type.String(), Type.Null()]),
  price: Type.Union([Type.Number(), Type.Null()]),
  available: Type.Union([Type.Boolean(), Type.Null()]),
  link: Type.Union([Type.String(), Type.Null()]),
  image: Type.Union([Type.String(), Type.Null()]),
};
export const ItemDetails = Type.Object(details);
export type ItemDetails = Static<typeof ItemDetails>;

export const ItemPath = Type.Object({ item: Type.String({ minLength: 1 }) });

/** `GET /items/{item}/neighbours` */
export const NeighboursQuery = Type.Object(
  { scenario: Type.Optional(Scenario), n: CountText },
  { additionalProperties: false },
);
export const NeighboursAnswer = Type.Object({
  item: Type.Object({ item: Type.String(), ...details }),
  neighbours: Type.Array(Type.Object({ item: Type.String(), score: Type.Number(), ...details }), {
    description: "best first",
  }),
  model: Type.String(),
});
export type NeighboursAnswer = Static<typeof NeighboursAnswer>;

/** `GET /popular` */
export const PopularQuery = Type.Object(
  {
    // OpenAPI has no words for parameters that exclude each other, but these.
    category: Type.Optional(
      Type.String({ minLength: 1, maxLength: 256, description: "only items of it; not together with scope" }),
    ),
    scope: ScopeText,
    n: CountText,
  },
  { additionalProperties: false },
);
export const PopularAnswer = Type.Object({
  results: Type.Array(
    Type.Object({
      item: Type.String(),
      users: Type.Integer({ description: "how many had to do with it, in the scope if there is one" }),
      ...details,
    }),
  ),
  model: Type.String(),
});
export type PopularAnswer = Static<typeof PopularAnswer>;

/** `GET /models/current` */
export const ModelAnswer = Type.Object({
  model: Type.String(),
  lastDay: Type.String({ description: "the last day of events in it" }),
  items: Type.Integer(),
  store: Type.String({ description: "snapshot or datastore" }),
  loadedAt: Type.String({ description: "ISO 8601, UTC" }),
});
export type ModelAnswer = Static<typeof ModelAnswer>;

/** `GET /livez`, `GET /readyz` */
export const LiveAnswer = Type.Object({ status: Type.String() });
const Failing = Type.Array(Type.String(), {
  description: "what could not be read, or written, at the last look",
});
export const ReadyAnswer = Type.Object({
  status: Type.Unsafe<"ok" | "degraded">(
    Type.String({
      enum: ["ok", "degraded"],
      description: "degraded: it answers from what it has; its log says what is wrong",
    }),
  ),
  model: Type.String(),
  failing: Failing,
});
export type ReadyAnswer = Static<typeof ReadyAnswer>;

/** `GET /readyz` of a recommender of several shops */
export const ShopsReadyAnswer = Type.Object({
  status: ReadyAnswer.properties.status,
  shops: Type.Record(
    Type.String(),
    Type.Object({
      status: Type.Unsafe<"ok" | "degraded" | "unready">(
        Type.String({ enum: ["ok", "degraded", "unready"], description: "unready: it has no model yet" }),
      ),
      model: Type.Union([Type.String(), Type.Null()]),
      failing: Failing,
    }),
  ),
});
export type ShopsReadyAnswer = Static<typeof ShopsReadyAnswer>;
