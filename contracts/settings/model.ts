import { integer, number, shaping } from "./schema.ts";

/** Conditions for publishing a model, and the time for which it is kept. */
export const model = {
  minItems: shaping(number("gate: fewest items, as a share of the serving model's", 0.5, 0, 100)),
  minCoverage: shaping(
    number("gate: smallest share of items with neighbours, as a share of the serving model's", 0.5, 0, 1),
  ),
  minOverlap: shaping(
    number("gate: smallest mean overlap of top-10 lists with the serving model", 0.05, 0, 1),
  ),
  maxFall: shaping(
    number(
      "quality on the last day: by more than so many standard errors the new model may not be worse than the serving one (gate), nor the serving one than the night before (alarm); 0: both are off",
      3,
      0,
      1000,
    ),
  ),
  keepModels: integer("newest models kept; the current and the previous one always are", 3, 1, 100),
  leaseSeconds: integer("a run that has not been heard of for so long is taken for dead", 60, 5, 3600),
};
