import type { EventName } from "../../contracts/interactions.ts";
import { rowOf } from "../factors/factor-rows.ts";
import type { HistoryEntry } from "../factors/item-factors.ts";
import { queryOf, type QueryItem } from "../ranking/query.ts";
import { listsOf, noHistory } from "./kept-history.ts";
import type { PersonalModel } from "./personal-model.ts";

/** One kind of event with one item. */
export interface Interaction {
  item: string;
  event: EventName;
  count: number;
}

/** What a user did, as a model sees it, and the user's factors. */
export interface Person {
  vector: Float32Array;
  /** The items that led to the factors, and their weights. */
  entries: HistoryEntry[];
  /** The same items, and how much each counts among neighbours. */
  query: QueryItem[];
  bought: number[];
  /** All items that the history names, also those that weigh nothing or explain nothing. */
  seen: number[];
}

/**
 * Folds a history in. Items that the model does not know, and events that weigh nothing, are passed
 * over; null: nothing is left.
 */
export function personOfHistory(model: PersonalModel, history: readonly Interaction[]): Person | null {
  const { items, trainedFor, snapshot, weights } = model;
  const rows = snapshot.findAll(history.map(({ item }) => item));
  const lists = noHistory();
  const weightOf = new Map<number, number>();
  history.forEach(({ event, count }, k) => {
    const added = count * trainedFor.eventWeights[event];
    if (rows[k] < 0) return;
    lists[event].push(rows[k]);
    if (added > 0) weightOf.set(rows[k], (weightOf.get(rows[k]) ?? 0) + added);
  });
  if (weightOf.size === 0) return null;
  const entries = Array.from(weightOf, ([row, weight]) => ({ row, weight }));
  const query = queryOf(lists, weights);
  const seen = rows.filter((row) => row >= 0);
  return { vector: items.foldIn(entries), entries, query, bought: lists.purchase, seen };
}

/** More items of a stored history than this, the lightest ones, explain no result. */
const MOST_ENTRIES = 1000;

/** A user of the model. What they disliked weighs nothing, and is never recommended to them. */
export function personOfModel(model: PersonalModel, user: number): Person {
  const { users, trainedFor, weights } = model;
  const { offset, item, weight } = users.histories;
  const bought = [...users.bought.item.subarray(users.bought.offset[user], users.bought.offset[user + 1])];
  const seen = [...item.subarray(offset[user], offset[user + 1])];
  const all = Array.from(item.subarray(offset[user], offset[user + 1]), (row, k) => ({
    row,
    weight: weight[offset[user] + k],
  })).filter(({ weight }) => weight > 0);
  const entries =
    all.length <= MOST_ENTRIES ? all : all.sort((a, b) => b.weight - a.weight).slice(0, MOST_ENTRIES);
  const lists = listsOf(entries, new Set(bought), trainedFor.eventWeights);
  return { vector: rowOf(users.factors, user), entries, query: queryOf(lists, weights), bought, seen };
}
