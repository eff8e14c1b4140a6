import { Type, type Static } from "typebox";
import { Day, EVENTS, MAX_ID_BYTES, type EventName } from "../contracts/interactions.ts";
import { STAGES, type StageName } from "../contracts/manifest.ts";
import { MAX_ENTRIES } from "../contracts/personalizer.ts";
import { Settings } from "../contracts/settings/settings.ts";

const Shop = Type.Unsafe<string>(Settings.properties.shop);
const Run = Type.String({ pattern: "^\\d{4}-\\d\\d-\\d\\d\\.\\d{1,9}$", description: "<last day>.<number>" });
const Stage = Type.Unsafe<StageName>(Type.String({ enum: [...STAGES] }));
const Event = Type.Unsafe<EventName>(Type.String({ enum: [...EVENTS] }));
const Reason = Type.String({ minLength: 1, maxLength: 500 });
const strict = { additionalProperties: false };

/** Body of `start-run`: what Cloud Scheduler sends every hour of the night. */
export const StartRunRequest = Type.Object({ shop: Shop }, strict);

/** Body of the stage functions (`export` to `publish`): a look that Cloud Tasks delivers. */
export const LookRequest = Type.Object(
  {
    shop: Shop,
    run: Run,
    stage: Stage,
    attempt: Type.Integer({ minimum: 0 }),
    look: Type.Integer({ minimum: 0 }),
  },
  strict,
);

/** Body of `personalize`: a user's list that is to be computed, as Cloud Tasks delivers it. */
export const PersonalizeRequest = Type.Object(
  {
    shop: Shop,
    model: Run,
    scope: Type.String({ maxLength: MAX_ID_BYTES }),
    user: Type.String({ minLength: 1, maxLength: MAX_ID_BYTES }),
    id: Type.String({ minLength: 1, maxLength: 100 }),
    history: Type.Array(Type.Object({ item: Type.String(), event: Event }, strict), {
      maxItems: MAX_ENTRIES,
    }),
    traceparent: Type.String({ pattern: "^00-[\\da-f]{32}-[\\da-f]{16}-[\\da-f]{2}$" }),
  },
  strict,
);

/** Body of `score-review`: whose reviews are to be scored; without an item, all that are due. */
export const ScoreReviewRequest = Type.Object(
  { shop: Shop, item: Type.Optional(Type.String({ minLength: 1, maxLength: MAX_ID_BYTES })) },
  strict,
);
export type ScoreReviewRequest = Static<typeof ScoreReviewRequest>;

/** Body of `push-catalogue`: what Cloud Scheduler sends. */
export const PushCatalogueRequest = Type.Object({ shop: Shop }, strict);

/** Body of `runs`: an operator's action. */
export const RunsRequest = Type.Union([
  Type.Object(
    {
      action: Type.Literal("status"),
      shop: Shop,
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    },
    strict,
  ),
  Type.Object({ action: Type.Literal("start"), shop: Shop }, strict),
  Type.Object(
    { action: Type.Literal("cancel"), shop: Shop, run: Type.Optional(Run), reason: Reason },
    strict,
  ),
  Type.Object(
    {
      action: Type.Literal("rerun"),
      shop: Shop,
      run: Type.Optional(Run),
      from: Stage,
      force: Type.Optional(Reason),
    },
    strict,
  ),
  Type.Object(
    {
      action: Type.Literal("backfill"),
      shop: Shop,
      days: Type.Optional(Type.Array(Day, { minItems: 1, maxItems: 366 })),
      last: Type.Optional(Type.Integer({ minimum: 1, maximum: 3660 })),
    },
    strict,
  ),
]);
export type RunsRequest = Static<typeof RunsRequest>;
