import { MAX_BECAUSE } from "../../contracts/http/recommendation.ts";
import { MAIN_TABLE } from "../../contracts/tables.ts";
import type { HistoryEntry } from "../factors/item-factors.ts";
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
  const nearby = bySimilarity(model, person, ranking, rows);
  return rows.map((row, i) => {
    const parts = new Map(nearby.get(row));
    person.entries.forEach(({ row: from }: HistoryEntry, j) =>
      parts.set(from, (parts.get(from) ?? 0) + ranking.scale * (byFactors?.[i][j] ?? 0)),
    );
    return [...parts]
      .filter(([, value]) => value > 0)
      .sort(([a, x], [b, y]) => y - x || a - b)
      .slice(0, MAX_BECAUSE)
      .map(([from]) => from);
  });
}

/** What the history's items contribute to the results' part that is not the factors'. */
function bySimilarity(
  { snapshot, blend }: PersonalModel,
  { query }: Person,
  { near }: BlendedRanking,
  rows: readonly number[],
): Map<number, Map<number, number>> {
  const wanted = new Set(rows);
  const parts = new Map(near.filter(({ item }) => wanted.has(item)).map(({ item }) => [item, new Map()]));
  const { offset, item, score } = snapshot.tableOf(MAIN_TABLE);
  for (const { row, weight } of query) {
    for (let k = offset[row]; k < offset[row + 1]; k++)
      parts.get(item[k])?.set(row, ((1 - blend) * weight * score[k]) / near[0].score);
  }
  return parts;
}
