import { Type, type Static } from "typebox";
import { ModelAnswer, ItemDetails } from "./catalogue.ts";
import { DEEDS, type Deed } from "../jobs.ts";
import { Pointer, STAGES, StageRecord, type StageName } from "../manifest.ts";
import { CountText, ItemId, MAX_RESULTS } from "./recommendation.ts";

/**
 * Routes for the storefront and the operator's page, beside the public API. They are served in
 * local use and to operators only. The typed client leaves them out.
 */

const Address = Type.Union([Type.String(), Type.Null()], { description: "null: it is not shown here" });
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Union([type, Type.Null()]);

/** A customer whom a visitor of the storefront may be. */
export const Person = Type.Object({
  user: Type.String(),
  about: Type.String({ description: "what interests them, for people" }),
});
export type Person = Static<typeof Person>;

/**
 * The service that finds out what reviews say. `none`: there is none, or not yet; `elsewhere`:
 * another process asks it.
 */
const SERVICES = ["none", "answers", "fails", "elsewhere"] as const;
export const InferenceService = Type.Unsafe<(typeof SERVICES)[number]>({ enum: [...SERVICES] });
export type InferenceService = Static<typeof InferenceService>;

/** `GET /page/shop` */
export const ShopAnswer = Type.Object({
  shop: Type.String(),
  people: Type.Array(Person, { description: "customers whom a visitor may be" }),
  hasPersonalizer: Type.Boolean(),
  reviews: orNull(
    Type.Object(
      { maxCharacters: Type.Integer(), service: InferenceService },
      { description: "null: none are taken" },
    ),
  ),
  categories: Type.Array(Type.Object({ category: Type.String(), items: Type.Integer() }), {
    description: "by name; none before the first model",
  }),
  links: Type.Object({ storefront: Address, shops: Address, reference: Address, metrics: Address }),
});
export type ShopAnswer = Static<typeof ShopAnswer>;

/** `GET /page/shops`: where a recommender serves several, the way to the pages of each. */
export const ShopsAnswer = Type.Object({
  shops: Type.Array(
    Type.Object({
      shop: Type.String(),
      model: orNull(Type.String()),
      storefront: Address,
      operator: Type.String(),
    }),
    { description: "by name" },
  ),
});
export type ShopsAnswer = Static<typeof ShopsAnswer>;

/** `GET /page/items`: the named items, or all matching items, the most popular first. */
export const ItemsQuery = Type.Object(
  {
    item: Type.Optional(Type.Union([ItemId, Type.Array(ItemId, { maxItems: MAX_RESULTS })])),
    category: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
    search: Type.Optional(Type.String({ maxLength: 256, description: "words of the id and the name" })),
    n: CountText,
  },
  { additionalProperties: false },
);
export const ItemsAnswer = Type.Object({
  items: Type.Array(Type.Object({ item: Type.String(), ...ItemDetails.properties })),
});
export type ItemsAnswer = Static<typeof ItemsAnswer>;

const Part = Type.Number({ minimum: 0, maximum: 1 });
const Share = orNull(Part);

/** The state of one night, for the operator's page. */
export const NightAnswer = Type.Object({
  run: Type.String(),
  state: Type.Unsafe<"running" | "done" | "failed" | "died">({ enum: ["running", "done", "failed", "died"] }),
  startedAt: Type.String(),
  finishedAt: orNull(Type.String()),
  stages: Type.Array(
    Type.Object({
      stage: Type.Unsafe<StageName>({ enum: [...STAGES] }),
      state: StageRecord.properties.state,
      attempt: Type.Integer(),
      seconds: orNull(Type.Number({ description: "of the last attempt, when it has ended" })),
      progress: Type.Number(),
      rows: orNull(
        Type.Integer({ description: "export: events read; similarity: neighbours; load, publish: items" }),
      ),
      reason: orNull(Type.String()),
    }),
  ),
  publication: orNull(Type.String({ description: "published, already current, held" })),
  quality: Type.Object({ items: orNull(Type.Integer()), coverage: Share, overlap: Share }),
  hindsight: orNull(
    Type.Object(
      {
        day: Type.String(),
        model: Type.String(),
        deed: Type.Unsafe<Deed>({ enum: [...DEEDS] }),
        users: Type.Integer(),
        recall10: Part,
        ndcg10: Part,
        standardError: orNull(Type.Number({ description: "of ndcg10" })),
        mostPopular: { ...Part, description: "ndcg10 of the most popular items" },
        clickThrough: orNull(Type.Number({ description: "clicks / impressions of its answers" })),
      },
      { description: "of the model that served on the night's last day; null: none was scored" },
    ),
  ),
  warnings: Type.Array(Type.String()),
});
export type NightAnswer = Static<typeof NightAnswer>;

/** `GET /page/nights` */
export const NightsAnswer = Type.Object({
  model: orNull(ModelAnswer),
  pointer: orNull(Type.Pick(Pointer, ["model", "previous", "hold"])),
  failing: Type.Array(Type.String(), { description: "what could not be read, or written, at the last look" }),
  blocked: Type.Array(Type.Object({ item: Type.String(), since: Type.String(), reason: Type.String() })),
  nights: Type.Array(NightAnswer, { description: "the last ones, latest first" }),
});
export type NightsAnswer = Static<typeof NightsAnswer>;

/** `GET /page/reviews`: what became of a shop's reviews. No text, and nobody's name. */
export const ReviewsStateAnswer = Type.Object({
  service: InferenceService,
  waiting: Type.Integer({ description: "reviews without a score" }),
  waitingAgain: Type.Integer({ description: "reviews with the score of another model" }),
  oldestAt: orNull(Type.String({ description: "when the oldest without a score came; null: none waits" })),
  byLabel: Type.Record(Type.String(), Type.Integer(), { description: "scored reviews, by label" }),
  bySentiment: Type.Array(Type.Integer(), { description: "scored reviews, by tenths of sentiment" }),
  failed: Type.Integer({ description: "reviews that were set aside" }),
  failures: Type.Array(
    Type.Object({ review: Type.String(), item: Type.String(), at: Type.String(), reason: Type.String() }),
    { description: "the first of them" },
  ),
});
export type ReviewsStateAnswer = Static<typeof ReviewsStateAnswer>;
