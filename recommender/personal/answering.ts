import { inTime } from "../../adapters/in-time.ts";
import { MAIN_TABLE } from "../../contracts/tables.ts";
import type { PersonalAnswer, PersonalResult } from "../../contracts/http/personal.ts";
import type { Query } from "../../core/ranking/answer.ts";
import { murmur3 } from "../../core/text/hash.ts";
import type { PersonalList, UserEvent } from "../../day/personal-lists.ts";
import type { Tokens } from "../attribution/token.ts";
import { modelOf, type CurrentModel } from "../model/current-model.ts";
import { inScope, recommend, refuseUnknownScope, type LoadedModel } from "../model/loaded-model.ts";
import { fieldsOf, UNKNOWN } from "../model/result-fields.ts";
import type { ShopMetrics } from "../observe/shop-metrics.ts";
import type { ShopReviews } from "../reviews/shop-reviews.ts";
import type { Lists } from "./lists.ts";

/** A user's request. An empty scope stands for the whole shop. */
export interface UserAsked extends Pick<Query, "browsed" | "basket" | "purchased" | "n" | "fields"> {
  user: string;
  scope: string;
  traceparent: string;
}

interface PersonalShop {
  shop: string;
  /** Items of the request may be recommended too, but for what was bought. */
  includeInput: boolean;
  model: CurrentModel;
  tokens: Tokens;
  /** Null: there is no Personalizer. */
  lists: Pick<Lists, "of" | "without"> | null;
  /** Null: there are no reviews. */
  reviews: Pick<ShopReviews, "ratings" | "dislikedBy"> | null;
  /** Longest wait for what a user dislikes, in milliseconds. */
  cacheMs: number;
  metrics: Pick<ShopMetrics, "countResults">;
  failing(): string[];
}

export type PersonalAnswering = (asked: UserAsked) => Promise<PersonalAnswer>;

/**
 * Answers users from their stored lists. Others get items similar to what the request says, and
 * popular ones.
 */
export function createPersonalAnswering(shop: PersonalShop): PersonalAnswering {
  const { tokens, lists, reviews, metrics, includeInput, cacheMs } = shop;

  /** The store tells its own log of failures. Lists have none of these by the next night. */
  const dislikedBy = async (user: string): Promise<string[]> =>
    reviews ? inTime(reviews.dislikedBy(user), cacheMs, "reviews did not come").catch(() => []) : [];

  return async function answer(asked) {
    const model = modelOf(shop);
    const { user, scope, traceparent } = asked;
    const key = { shop: shop.shop, model: model.name, scope, user };
    const [list, disliked] = await Promise.all([
      model.hasFactors ? lists?.of({ ...key, history: historyOf(asked), traceparent }) : lists?.without(),
      dislikedBy(user),
    ]);
    const { browsed, basket, purchased, n } = asked;
    // What was taken down or sold out since the list was stored, what was bought, what is disliked.
    const out = new Set([...purchased, ...disliked, ...(includeInput ? [] : [...browsed, ...basket])]);
    const isBlocked = ({ item }: PersonalResult) => model.blocked().has(item);
    const listed = list ? resultsOf(list).filter((result) => !isBlocked(result)) : [];
    const personal = (await presentable(model, listed, out)).slice(0, n);
    const rest = await fill(model, asked, personal, disliked);
    const found = [...personal, ...rest.results].map((result) => rated(result, reviews));
    const results = await described(model, found, asked.fields);
    if (results.length === 0 && scope !== "") await refuseUnknownScope(model, scope);
    metrics.countResults(results, MAIN_TABLE);
    const name = personal.length > 0 ? list!.model : model.name;
    const signed = results.map(({ source }, row) => ({ source, row }));
    const ids = { idHashOf: (row: number) => murmur3(results[row].item) };
    return {
      source: originOf(results),
      results,
      model: name,
      missingIds: rest.missingIds,
      attributionToken: tokens.sign({
        model: name,
        scenario: MAIN_TABLE,
        results: signed,
        ids,
        at: Date.now(),
      }),
    };
  };
}

async function presentable(
  model: LoadedModel,
  results: PersonalResult[],
  out: ReadonlySet<string>,
): Promise<PersonalResult[]> {
  const ids = results.map(({ item }) => item);
  const items = new Set(await model.presentable(ids, out));
  return results.filter(({ item }) => items.has(item));
}

/** The places that the list leaves empty: popular items beside a list, else also similar ones. */
async function fill(
  model: LoadedModel,
  { scope, n, ...asked }: UserAsked,
  personal: readonly PersonalResult[],
  disliked: readonly string[],
) {
  const { browsed, basket, purchased } = asked;
  if (personal.length === n) return { results: [], missingIds: [] };
  const own = inScope(model, scope);
  if (personal.length === 0)
    return recommend(model, { browsed, basket, purchased, n, ...own, exclude: [...purchased, ...disliked] });
  const shown = personal.map(({ item }) => item);
  const exclude = [...shown, ...disliked, ...browsed, ...basket, ...purchased];
  const nothing = { browsed: [], basket: [], purchased: [] };
  return recommend(model, { ...nothing, n: n - personal.length, ...own, exclude });
}

function rated(result: PersonalResult, reviews: PersonalShop["reviews"]): PersonalResult {
  const rating = reviews?.ratings.of(result.item);
  return rating ? { ...result, rating } : result;
}

/** Results with what the request asks of their items. */
async function described(
  model: LoadedModel,
  results: PersonalResult[],
  fields: Query["fields"],
): Promise<PersonalResult[]> {
  if (!fields || fields.length === 0) return results;
  const details = await model.describe(results.map(({ item }) => item));
  return results.map((result) => ({ ...result, ...fieldsOf(details.get(result.item) ?? UNKNOWN, fields) }));
}

const resultsOf = ({ results }: PersonalList): PersonalResult[] =>
  results.map(({ item, score, because }) => ({
    item,
    score,
    source: "personal",
    because: because.map((item) => ({ item })),
  }));

function historyOf({ browsed, basket, purchased }: UserAsked): UserEvent[] {
  const events = (items: readonly string[], event: UserEvent["event"]) =>
    items.map((item) => ({ item, event }));
  return [
    ...events(browsed, "view_item"),
    ...events(basket, "add_to_cart"),
    ...events(purchased, "purchase"),
  ];
}

function originOf([first]: readonly PersonalResult[]): PersonalAnswer["source"] {
  if (first?.source === "personal") return "personal";
  return first?.source === "model" ? "similar" : "popular";
}
