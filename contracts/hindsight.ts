import { Type, type Static } from "typebox";
import { Day } from "./interactions.ts";
import type { Deed } from "./jobs.ts";
import type { TableName } from "./tables.ts";

const Share = Type.Number({ minimum: 0, maximum: 1 });
const Error = Type.Union([Type.Number({ minimum: 0 }), Type.Null()], {
  description: "standard error; null: there is but one user",
});

/** How good a way of recommending was, on average over the users of a day. docs/QUALITY.md */
export const Figures = Type.Object({
  recall10: Share,
  ndcg10: Share,
  standardError: { ...Error, description: "of ndcg10; null: there is but one user" },
  coverage10: { ...Share, description: "share of the model's items that are among anybody's first ten" },
  popular: { ...Share, description: "share of the users whose whole answer is popular items" },
});
export type Figures = Static<typeof Figures>;

/** A model's answers to those who did one thing on a day, such as buy. */
export const DayTest = Type.Object({
  users: Type.Integer({ description: "users who are asked" }),
  unknownUsers: Type.Integer({ description: "pairs of user and item left out: the user did nothing before" }),
  hadBefore: Type.Integer({ description: "pairs left out: the user had to do with the item before" }),
  tables: Type.Unsafe<Record<TableName, Figures>>(Type.Record(Type.String(), Figures)),
  mostPopular: { ...Figures, description: "the same users, with the model's popular items" },
});
export type DayTest = Static<typeof DayTest>;

/** How much more ndcg10 another model gets, user by user. */
export const NdcgGain = Type.Object({ mean: Type.Number(), standardError: Error });
export type NdcgGain = Static<typeof NdcgGain>;

/** What customers did with the answers of a model, where a recommender is told of it. */
export const Clicks = Type.Object({ impressions: Type.Integer({ minimum: 1 }), clicks: Type.Integer() });
export type Clicks = Static<typeof Clicks>;

/** What a night found of the model that served on its last day. It is among publish's metrics. */
export const Hindsight = Type.Object({
  day: Day,
  model: Type.String({ description: "it served on the day, and knows nothing of it" }),
  deeds: Type.Unsafe<Partial<Record<Deed, DayTest>>>(Type.Record(Type.String(), DayTest)),
  next: Type.Unsafe<Record<TableName, NdcgGain>>({
    ...Type.Record(Type.String(), NdcgGain),
    description: "the new model, which has seen the day, beside it: by what was bought, where enough was",
  }),
  clicks: Type.Optional(Clicks),
});
export type Hindsight = Static<typeof Hindsight>;

/** Instead of it: why no model was scored. */
export const NoHindsight = Type.Object({ day: Day, why: Type.String() });
export type NoHindsight = Static<typeof NoHindsight>;
