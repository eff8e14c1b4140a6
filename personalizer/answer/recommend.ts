import type { Recommendation, Recommendations } from "../../contracts/personalizer.ts";
import type { Interaction } from "../calls/checks.ts";
import type { PersonalModel } from "../model.ts";
import { notFound, nothingKnown } from "../refusals.ts";
import type { Shop } from "../shop.ts";
import { becauseOf } from "./because.ts";
import { personOfHistory, personOfModel } from "./history.ts";

/** A checked request for popular items. */
export interface PopularQuery {
  scope: string;
  n: number;
  exclude: readonly string[];
}

/** A checked request for one user's items. */
export interface PersonalQuery extends PopularQuery {
  user: string;
  history: readonly Interaction[];
}

/**
 * The best items for a user. Those of the history are left out, unless `includeInput` is set; those
 * bought always are.
 * @throws Refusal when the scope is unknown; when the user is, and so is the history.
 */
export function recommend(shop: Shop, { user, scope, n, exclude, history }: PersonalQuery): Recommendations {
  const model = shop.model();
  const among = rowsIn(model, scope);
  const known = model.users.find(user);
  const person = personOfHistory(model, history) ?? (known < 0 ? null : personOfModel(model, known));
  if (!person) throw nothingKnown();
  const excluded = [
    ...leftOut(shop, model, exclude),
    ...person.bought,
    ...(known < 0 ? [] : boughtBy(model, known)),
    ...(shop.settings.includeInput ? [] : person.seen),
  ];
  const conditions = { excluded, admits: admitting(model, scope) };
  const ranking = model.rank({ vector: person.vector, history: person.query, n, conditions, among });
  const because = becauseOf(model, person, ranking);
  const named = (row: number) => model.snapshot.idOf(row);
  const results = ranking.best.map(({ item, score }, k): Recommendation => {
    return { item: named(item), score: score / 1e6, because: because[k].map(named) };
  });
  return { model: model.name, results };
}

/**
 * The most popular items, by their number of users.
 * @throws Refusal when the scope is unknown.
 */
export function popular(shop: Shop, { scope, n, exclude }: PopularQuery): Recommendations {
  const model = shop.model();
  const { snapshot, name } = model;
  const rows = rowsIn(model, scope) ?? snapshot.popular;
  const excluded = new Set(leftOut(shop, model, exclude));
  const results: Recommendation[] = [];
  for (let k = 0; k < rows.length && results.length < n; k++) {
    if (excluded.has(rows[k])) continue;
    results.push({ item: snapshot.idOf(rows[k]), score: snapshot.users[rows[k]], because: [] });
  }
  return { model: name, results };
}

/** The rows of a category by popularity; undefined: all rows count. */
function rowsIn({ snapshot }: PersonalModel, scope: string): Int32Array | undefined {
  if (scope === "") return undefined;
  const category = snapshot.findCategory(scope);
  if (category < 0) throw notFound("scope", scope);
  return snapshot.popularIn(category);
}

function admitting({ snapshot }: PersonalModel, scope: string): ((row: number) => boolean) | undefined {
  if (scope === "") return undefined;
  const category = snapshot.findCategory(scope);
  return (row) => snapshot.categoryOf(row) === category;
}

/** The rows of items that are taken down, or not wanted. */
const leftOut = (shop: Shop, { snapshot, rowsOf }: PersonalModel, exclude: readonly string[]): number[] => [
  ...rowsOf(shop.blocked()),
  ...snapshot.findAll(exclude).filter((row) => row >= 0),
];

const boughtBy = ({ users: { bought } }: PersonalModel, user: number): Int32Array =>
  bought.item.subarray(bought.offset[user], bought.offset[user + 1]);
