import { Type, type Static } from "typebox";
import {
  Because,
  CountText,
  FieldsText,
  idText,
  LISTS,
  MAX_BECAUSE,
  MAX_RESULTS,
  RecommendationAnswer,
  Result,
  ScopeText,
} from "./recommendation.ts";

/** `GET /users/{user}/recommendations` */
export const UserPath = Type.Object({
  user: Type.String({ minLength: 1, description: "the user's id in the shop's events" }),
});

export const PersonalQuery = Type.Object(
  {
    n: CountText,
    scope: ScopeText,
    browsed: idText(LISTS.browsed),
    basket: idText(LISTS.basket),
    purchased: idText(LISTS.purchased),
    fields: FieldsText,
  },
  { additionalProperties: false },
);
export type PersonalQuery = Static<typeof PersonalQuery>;

/** Where an answer comes from: its first results. */
export const ORIGINS = ["personal", "similar", "popular"] as const;

/** A reason of a personal result is an item alone. */
const Reason = Type.Object({
  item: Because.properties.item,
  event: Type.Optional(Because.properties.event),
  share: Type.Optional(Because.properties.share),
});

export const PersonalResult = Type.Object({
  ...Result.properties,
  score: Type.Number({
    description:
      "personal: 0 to 1, beside the best; model: sum of query weight x similarity; popular: number of users",
  }),
  because: Type.Array(Reason, {
    maxItems: MAX_BECAUSE,
    description:
      "what it is there for, the strongest first; personal: items that the user had to do with, without event and share",
  }),
});
export type PersonalResult = Static<typeof PersonalResult>;

export const PersonalAnswer = Type.Object({
  source: Type.Unsafe<(typeof ORIGINS)[number]>(
    Type.String({
      enum: [...ORIGINS],
      description:
        "personal: the user's own list; similar: by the request's items; popular: for everybody, or for all of the scope",
    }),
  ),
  results: Type.Array(PersonalResult, {
    description: "best first; fewer than n only where the scope, or the shop, has no more",
    maxItems: MAX_RESULTS,
  }),
  model: RecommendationAnswer.properties.model,
  missingIds: RecommendationAnswer.properties.missingIds,
  attributionToken: RecommendationAnswer.properties.attributionToken,
});
export type PersonalAnswer = Static<typeof PersonalAnswer>;
