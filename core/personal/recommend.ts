import type { Recommendation } from "../../contracts/personalizer.ts";
import { becauseOf } from "./because.ts";
import type { Person } from "./person.ts";
import type { Scope } from "./scope.ts";
import type { PersonalModel } from "./personal-model.ts";

/** What a person may be recommended. */
export interface Wanted {
  n: number;
  /** Rows that are not recommended, beside those of the person's own history. */
  excluded: readonly number[];
  /** The only items that count; absent: all. */
  scope?: Scope | undefined;
}

/**
 * The best items for a person. What they have bought is left out; so is the rest of their history,
 * unless the shop wants it. The Personalizer's answers and the lists that a night computes ahead
 * are made here.
 */
export function recommendTo(
  model: PersonalModel,
  person: Person,
  { n, excluded, scope }: Wanted,
): Recommendation[] {
  const { snapshot, includeInput } = model;
  const out = [...excluded, ...person.bought, ...(includeInput ? [] : person.seen)];
  const ranking = model.rank({
    vector: person.vector,
    history: person.query,
    n,
    conditions: { excluded: out, admits: scope?.has },
    among: scope?.rows,
  });
  const because = becauseOf(model, person, ranking);
  const named = (row: number) => snapshot.idOf(row);
  return ranking.best.map(({ item, score }, k) => ({
    item: named(item),
    score: score / 1e6,
    because: because[k].map(named),
  }));
}
