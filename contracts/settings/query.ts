import { Type, type Static } from "typebox";
import { Value } from "typebox/value";
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

const KEPT = ["queryWeights", "togetherWeights", "halfLife"] as const;

/** What a model's answers go by, where a night had other settings than the defaults. */
export type ModelAnswers = { [K in (typeof KEPT)[number]]?: Static<(typeof query)[K]> };

export const DEFAULT_ANSWERS = Object.fromEntries(
  KEPT.map((name) => [name, (query[name] as { default?: unknown }).default]),
) as Required<ModelAnswers>;

const isDefault = (name: (typeof KEPT)[number], value: unknown) => Value.Equal(value, DEFAULT_ANSWERS[name]);

/** What a night keeps with its model: those of its settings that are not the defaults. */
export const answersToKeep = (settings: ModelAnswers): ModelAnswers =>
  Object.fromEntries(
    KEPT.map((name) => [name, settings[name]] as const).filter(
      ([name, value]) => value !== undefined && !isDefault(name, value),
    ),
  );

/** What a manifest's settings say of it. */
export const keptAnswers = (kept: Record<string, unknown>): ModelAnswers =>
  Object.fromEntries(
    KEPT.filter((name) => name in kept && Value.Check(query[name], kept[name])).map((name) => [
      name,
      kept[name],
    ]),
  );

/** The settings of answers from a model: what it keeps, where they have the defaults. */
export const answersFrom = <S extends ModelAnswers>(settings: S, model: ModelAnswers): S => ({
  ...settings,
  ...model,
  ...answersToKeep(settings),
});
