import type { Recommendation, Recommendations } from "../contracts/personalizer.ts";
import { personOfHistory, personOfModel, type Interaction } from "../core/personal/person.ts";
import type { PersonalModel } from "../core/personal/personal-model.ts";
import { recommendTo } from "../core/personal/recommend.ts";
import { scopeNamed, type Scope } from "../core/personal/scope.ts";
import type { LoadedModel } from "./model.ts";
import { notFound, nothingKnown } from "./refusals.ts";
import type { Shop } from "./shop.ts";

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
  const among = scopeOf(model, scope);
  const known = shop.rowOf(user, model);
  const person = personOfHistory(model, history) ?? (known < 0 ? null : personOfModel(model, known));
  if (!person) throw nothingKnown(model.name);
  const excluded = [...leftOut(shop, model, exclude), ...(known < 0 ? [] : boughtBy(model, known))];
  return { model: model.name, results: recommendTo(model, person, { n, excluded, scope: among }) };
}

/**
 * The most popular items, by their number of users, in the scope if there is one.
 * @throws Refusal when the scope is unknown.
 */
export function popular(shop: Shop, { scope, n, exclude }: PopularQuery): Recommendations {
  const model = shop.model();
  const { snapshot, name } = model;
  const among = scopeOf(model, scope);
  const rows = among?.rows ?? snapshot.popular;
  const excluded = new Set(leftOut(shop, model, exclude));
  const results: Recommendation[] = [];
  for (let k = 0; k < rows.length && results.length < n; k++) {
    if (excluded.has(rows[k])) continue;
    const score = among?.users?.[k] ?? snapshot.users[rows[k]];
    results.push({ item: snapshot.idOf(rows[k]), score, because: [] });
  }
  return { model: name, results };
}

/** Undefined: the whole shop. */
function scopeOf({ snapshot }: PersonalModel, name: string): Scope | undefined {
  if (name === "") return undefined;
  const scope = scopeNamed(snapshot, name);
  if (!scope) throw notFound("scope", name);
  return scope;
}

/** The rows of items that are taken down, or not wanted. */
const leftOut = (shop: Shop, { snapshot, rowsOf }: LoadedModel, exclude: readonly string[]): number[] => [
  ...rowsOf(shop.blocked()),
  ...snapshot.findAll(exclude).filter((row) => row >= 0),
];

const boughtBy = ({ users: { bought } }: PersonalModel, user: number): Int32Array =>
  bought.item.subarray(bought.offset[user], bought.offset[user + 1]);
