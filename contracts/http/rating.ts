import { Type, type Static } from "typebox";

/** What an item's reviews say together. */
export const Rating = Type.Object(
  {
    stars: Type.Number({ minimum: 1, maximum: 5, description: "mean, to two decimals" }),
    reviews: Type.Integer({ minimum: 1, description: "how many there are" }),
    sentiment: Type.Union([Type.Number({ minimum: 0, maximum: 1 }), Type.Null()], {
      description: "mean of those that are known, to four decimals; null: none is yet",
    }),
  },
  { description: "what the item's reviews say together" },
);
export type Rating = Static<typeof Rating>;
