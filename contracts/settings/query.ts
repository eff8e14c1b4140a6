import { Type } from "typebox";
import { EVENTS } from "../interactions.ts";
import { weights } from "./schema.ts";

/** The weights of a request's items. */
export const query = {
  queryWeights: Type.Unsafe<Record<(typeof EVENTS)[number], number> | null>({
    ...weights(
      "how much a browsed, basket or purchased item counts in a query; uniform: every item once",
      [0.5, 2, 6],
    ),
    type: ["object", "null"],
  }),
  togetherWeights: Type.Unsafe<Record<(typeof EVENTS)[number], number> | null>({
    ...weights(
      "the same for scenario together: what is in the basket now counts as much as what was bought",
      [0.5, 2, 2],
    ),
    type: ["object", "null"],
  }),
  halfLife: Type.Number({
    description:
      "an item of a query counts half as much with each so many that came after it; 0: all count alike",
    default: 10,
    minimum: 0,
    maximum: 1000,
  }),
  includeInput: Type.Boolean({ description: "recommend the items of the query too", default: false }),
};
