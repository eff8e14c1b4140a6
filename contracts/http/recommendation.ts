import { Type, type Static, type TSchema } from "typebox";
import { Rating } from "./rating.ts";
import { EVENTS, MAX_ID_BYTES } from "../interactions.ts";
import { MAIN_TABLE, TABLE_NAMES, TABLES } from "../tables.ts";

/** Upper limits: ids in one list, results in one answer. */
export const MAX_IDS = 200;
export const MAX_RESULTS = 100;
export const DEFAULT_RESULTS = 10;
/** At most this many reasons explain one result. */
export const MAX_BECAUSE = 3;

/**
 * The sources of a result, in order of preference. No answer has both of the first two:
 * `personal` is for a user, `model` for items of the query. Nor has one both of the next two:
 * `popular_in_scope` means popular among the users of a scope; `popular_in_category` uses the
 * filter's category, or the categories of the query's items. `popular` means popular in the whole
 * shop.
 */
export const SOURCES = ["personal", "model", "popular_in_scope", "popular_in_category", "popular"] as const;
export type Source = (typeof SOURCES)[number];

const oneOf = <const T extends readonly string[]>(choices: T, options: object = {}) =>
  Type.Unsafe<T[number]>(Type.String({ enum: [...choices], ...options }));

/** The recommender checks the length in bytes, since a JSON schema can only count characters. */
export const ItemId = Type.String({ minLength: 1, maxLength: MAX_ID_BYTES, description: "item id" });

const CATEGORY = { minLength: 1, maxLength: 256 };
export const Scenario = oneOf(TABLE_NAMES, {
  description: TABLE_NAMES.map((name) => `${name}: ${TABLES[name].answers}`).join("; "),
  default: MAIN_TABLE,
});
const text = (description: string, pattern: string) => Type.Optional(Type.String({ description, pattern }));
const ids = (description: string) => Type.Optional(Type.Array(ItemId, { description, maxItems: MAX_IDS }));
export const idText = (description: string) =>
  Type.Optional(
    Type.Union([Type.String(), Type.Array(Type.String())], {
      description: `${description}: comma-separated, or the parameter repeated for each id; a text that is an item's id is not split; at most ${MAX_IDS} ids`,
    }),
  );

const COUNT = `how many results: a whole number from 1 to ${MAX_RESULTS}`;
/** A whole number from 1 to `MAX_RESULTS`, as text. */
export const CountText = text(COUNT, "^([1-9]\\d?|100)$");
/** What it is to whoever makes the address. */
export const Count = Type.Optional(
  Type.Integer({ description: COUNT, minimum: 1, maximum: MAX_RESULTS, default: DEFAULT_RESULTS }),
);

export const ScopeText = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 256,
    description: "a category, or a scope of users (a region, say); where a name is both, the category",
  }),
);

export const LISTS = {
  browsed: "items the customer looked at, the latest last",
  basket: "items in the basket, the latest last",
  purchased: "items the customer bought, the latest last",
} as const;

/** What an answer can say of its items beside their ids. */
export const RESULT_FIELDS = ["name", "category", "price", "available", "link", "image"] as const;
export type ResultField = (typeof RESULT_FIELDS)[number];
const FIELDS = `what each result says of its item: ${RESULT_FIELDS.join(", ")}`;
export const FieldsText = text(
  `${FIELDS}; comma-separated`,
  `^(${RESULT_FIELDS.join("|")})(,(${RESULT_FIELDS.join("|")})){0,9}$`,
);

/** `GET /make_recommendation?browsed=a,b&basket=c&purchased=d&n=10` */
export const RecommendationQuery = Type.Object(
  {
    browsed: idText(LISTS.browsed),
    basket: idText(LISTS.basket),
    purchased: idText(LISTS.purchased),
    n: CountText,
    scenario: Type.Optional(Scenario),
    fields: FieldsText,
  },
  { additionalProperties: false },
);
export type RecommendationQuery = Static<typeof RecommendationQuery>;

const Price = Type.Number({ minimum: 0, maximum: 1e12 });

/** A condition on results, checked against the catalogue. An unknown value never fits. */
export const Filter = Type.Object(
  {
    category: Type.Optional(Type.String({ ...CATEGORY, description: "only items of this category" })),
    available: Type.Optional(
      Type.Boolean({
        description:
          "true: only what is known to be in stock; false: only what is known to be sold out. Without it what is known to be sold out is left out",
      }),
    ),
    price: Type.Optional(
      Type.Object(
        { min: Type.Optional(Price), max: Type.Optional(Price) },
        { additionalProperties: false, description: "both ends belong to it" },
      ),
    ),
  },
  { additionalProperties: false },
);
export type Filter = Static<typeof Filter>;

/** The body of `POST /make_recommendation`. */
export const RecommendationRequest = Type.Object(
  {
    browsed: ids(LISTS.browsed),
    basket: ids(LISTS.basket),
    purchased: ids(LISTS.purchased),
    n: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_RESULTS,
        default: DEFAULT_RESULTS,
        description: "how many results",
      }),
    ),
    scenario: Type.Optional(Scenario),
    filter: Type.Optional(Filter),
    fields: Type.Optional(Type.Array(oneOf(RESULT_FIELDS), { description: FIELDS, maxItems: 10 })),
    exclude: ids("items not to show"),
    maxPerCategory: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_RESULTS,
        description: "at most so many results of one category; items without one are not limited",
      }),
    ),
    halfLife: Type.Optional(
      Type.Number({
        minimum: 0.1,
        maximum: 1000,
        description: "an item counts half as much with each so many that came after it in its list",
      }),
    ),
  },
  { additionalProperties: false },
);
export type RecommendationRequest = Static<typeof RecommendationRequest>;

export const Because = Type.Object({
  item: Type.String({ description: "an item of the request" }),
  event: oneOf(EVENTS, {
    description: "what the customer did with it; if several things, what counts for most",
  }),
  share: Type.Number({ description: "its share of the score", minimum: 0, maximum: 1 }),
});
export type Because = Static<typeof Because>;

/** What a result has where the request asks for it in `fields`. */
const asked = <T extends TSchema>(value: T) =>
  Type.Optional(Type.Union([value, Type.Null()], { description: "if asked for in fields; null: unknown" }));

export const Result = Type.Object({
  item: Type.String(),
  score: Type.Number({ description: "model: sum of query weight x similarity; popular: number of users" }),
  rating: Type.Optional(Rating),
  name: asked(Type.String()),
  category: asked(Type.String()),
  price: asked(Type.Number()),
  available: asked(Type.Boolean()),
  link: asked(Type.String()),
  image: asked(Type.String()),
  source: oneOf(SOURCES),
  because: Type.Array(Because, {
    description: `of a result of the model: the items it is there for, at most ${MAX_BECAUSE}, largest share first`,
    maxItems: MAX_BECAUSE,
  }),
});
export type Result = Static<typeof Result>;

/** An answer always has all of these keys but the last. */
const answer = {
  results: Type.Array(Result, {
    description: "best first; fewer than n only where the shop has no more that fit",
    maxItems: MAX_RESULTS,
  }),
  model: Type.String({ description: "the model that answered" }),
  missingIds: Type.Array(Type.String(), { description: "items of the request that the model does not know" }),
  unknownAvailability: Type.Optional(
    Type.Integer({
      description:
        "with filter.available: items of the shop that do not fit, as nobody has said if they can be bought (store datastore: of those looked at). Absent: 0",
    }),
  ),
} satisfies Record<string, TSchema>;

/** An answer of a model. */
export const Answer = Type.Object(answer);
export type Answer = Static<typeof Answer>;

/** An answer of the recommender: the model's answer and its attribution token. */
export const RecommendationAnswer = Type.Object({
  ...answer,
  attributionToken: Type.String({
    description: "for POST /events: which answer an event belongs to; it expires",
  }),
});
export type RecommendationAnswer = Static<typeof RecommendationAnswer>;
