import { Type, type Static } from "typebox";

const Time = Type.String({ description: "ISO 8601, UTC" });
const Point = Type.Record(Type.String(), Type.Union([Type.Number(), Type.String()]));

/**
 * `shops/<shop>/tuned.json`, beside the pointer: settings that `steamer tune --apply` found. Nights
 * take them where the operator says nothing else.
 */
export const Tuned = Type.Object({
  settings: Type.Record(Type.String(), Type.Unknown(), { description: "values by the settings' names" }),
  tables: Type.Record(
    Type.String(),
    Type.Object({
      appliedAt: Time,
      names: Type.Array(Type.String(), { description: "the settings that are this table's" }),
      gain: Type.Number({ description: "in NDCG@10, on days that the search never saw" }),
      standardError: Type.Number(),
    }),
  ),
});
export type Tuned = Static<typeof Tuned>;

/** A point that was tried. Its value is the NDCG@10 of the validation's users. */
export const TuningTrial = Type.Object({
  point: Point,
  value: Type.Number(),
  isFull: Type.Boolean({ description: "false: measured on a sample of the users, and not promising" }),
});
export type TuningTrial = Static<typeof TuningTrial>;

/** `shops/<shop>/tuning/<table>.json`: a study's trials, so that it can go on later. */
export const Study = Type.Object({
  about: Type.String({ description: "what is searched in what: trials of another study do not count" }),
  seeds: Type.Integer({ description: "how often the study was begun or resumed; the last one's seed" }),
  trials: Type.Array(TuningTrial),
});
export type Study = Static<typeof Study>;
