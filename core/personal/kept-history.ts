import { EVENTS, type EventName } from "../../contracts/interactions.ts";
import type { AlsKnobs } from "../../contracts/settings/als.ts";
import type { HistoryEntry } from "../factors/item-factors.ts";

/**
 * A user's items by event, as far as a model keeps them: it has an item's weight, and whether it
 * was bought. What was not bought counts as put into the basket if its weight reaches that, else as
 * viewed.
 */
export function listsOf(
  entries: readonly HistoryEntry[],
  bought: ReadonlySet<number>,
  { add_to_cart: inBasket }: AlsKnobs["eventWeights"],
): Record<EventName, number[]> {
  const lists = noHistory();
  for (const { row, weight } of entries)
    lists[bought.has(row) ? "purchase" : weight >= inBasket ? "add_to_cart" : "view_item"].push(row);
  return lists;
}

export const noHistory = () =>
  Object.fromEntries(EVENTS.map((event) => [event, []])) as unknown as Record<EventName, number[]>;
