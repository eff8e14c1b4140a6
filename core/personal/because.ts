import { MAX_BECAUSE } from "../../contracts/http/recommendation.ts";
import { MAIN_TABLE } from "../../contracts/tables.ts";
import type { Person } from "./person.ts";
import type { PersonalModel } from "./personal-model.ts";
import type { BlendedRanking } from "./personal-ranker.ts";

/**
 * The items of the history that contribute most to each result's score, the strongest first. A
 * score is the sum of what the history's items contribute to it: to the factors' part as in
 * core/factors/contributions.ts, to the rest by their similarity.
 */
export function becauseOf(model: PersonalModel, person: Person, ranking: BlendedRanking): number[][] {
  const rows = ranking.best.map(({ item }) => item);
  const byFactors = ranking.scale > 0 ? model.items.contributions(person.entries, rows) : null;
  const from = sourcesOf(person);
  const parts = rows.map(() => new Float64Array(from.length));
  addSimilarity(model, person, ranking, { rows, from, parts });
  return parts.map((values, i) => {
    for (let j = 0; byFactors && j < person.entries.length; j++) values[j] += ranking.scale * byFactors[i][j];
    return largest(values, from);
  });
}

/** The rows that may explain something: those of the entries, in their order, then others. */
const sourcesOf = ({ entries, query }: Person): number[] => [
  ...new Set([...entries, ...query].map(({ row }) => row)),
];

interface Parts {
  /** The results. */
  rows: readonly number[];
  from: readonly number[];
  /** For each result what each of `from` contributes. */
  parts: readonly Float64Array[];
}

/** Adds what the history's items contribute to the results' part that is not the factors'. */
function addSimilarity(
  { snapshot, blend }: PersonalModel,
  { query }: Person,
  { near }: BlendedRanking,
  { rows, from, parts }: Parts,
): void {
  const isNear = new Set(near.map(({ item }) => item));
  const partOf = new Map(rows.flatMap((row, i) => (isNear.has(row) ? [[row, parts[i]]] : [])));
  const placeOf = new Map(from.map((row, place) => [row, place]));
  const { offset, item, score } = snapshot.tableOf(MAIN_TABLE);
  for (const { row, weight } of query) {
    const place = placeOf.get(row)!;
    for (let k = offset[row]; k < offset[row + 1]; k++) {
      const part = partOf.get(item[k]);
      if (part) part[place] = ((1 - blend) * weight * score[k]) / near[0].score;
    }
  }
}

/** The rows with the largest values above 0; of equal ones the first rows. */
function largest(values: Float64Array, from: readonly number[]): number[] {
  const best: number[] = [];
  for (let k = 0; k < values.length; k++) {
    if (!(values[k] > 0)) continue;
    let at = best.length;
    while (at > 0 && isBehind(best[at - 1], k)) at--;
    if (at === MAX_BECAUSE) continue;
    best.splice(at, 0, k);
    if (best.length > MAX_BECAUSE) best.pop();
  }
  return best.map((k) => from[k]);

  function isBehind(a: number, b: number): boolean {
    return values[a] < values[b] || (values[a] === values[b] && from[a] > from[b]);
  }
}
