import type { PushedItem } from "../../../core/model/pushed-stock.ts";
import type { PopularItems, StoredItem } from "../../../night/state/item-store.ts";
import type { PopularItem } from "./looked-up-model.ts";
import { popularChoice } from "./popular-choice.ts";

/** What answers are made from until the next push. */
export interface Current {
  newer: ReadonlyMap<string, PushedItem>;
  popular: readonly PopularItem[];
  described: ReadonlyMap<string, StoredItem>;
  choose: ReturnType<typeof popularChoice>;
  /** Something may be known to be sold out, which is left out: so candidates are looked up. */
  knowsStock: boolean;
}

export function currentOf(
  listed: PopularItems,
  stored: ReadonlyMap<string, StoredItem>,
  newer: Current["newer"],
): Current {
  const described = changed(stored, newer);
  const popular = listed.popular.map((item, k) => {
    return { item, users: listed.users[k], stored: described.get(item) };
  });
  const knowsStock = newer.size > 0 || [...described.values()].some(({ available }) => available !== null);
  return { newer, popular, described, choose: popularChoice(popular), knowsStock };
}

/** Items with what was pushed of them. */
export function changed(
  found: ReadonlyMap<string, StoredItem>,
  newer: Current["newer"],
): Map<string, StoredItem> {
  if (newer.size === 0) return new Map(found);
  return new Map(
    [...found].map(([id, stored]) => {
      const { available, price } = newer.get(id) ?? {};
      return [
        id,
        {
          ...stored,
          available: available?.value ?? stored.available,
          price: price?.value ?? stored.price,
        },
      ];
    }),
  );
}
