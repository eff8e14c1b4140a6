import type { ItemDetails } from "../../contracts/http/catalogue.ts";
import type { TableName } from "../../contracts/tables.ts";

/** The neighbours of an item in one table, best first. `scores[k]` belongs to `items[k]`. */
export interface NeighbourList {
  items: string[];
  scores: number[];
}

/** An item of a model: its neighbours in each table, and its catalogue data. */
export interface StoredItem extends ItemDetails {
  lists: Record<TableName, NeighbourList>;
}

/** A model's number of items, its most popular items, and the number of users of each of these. */
export interface PopularItems {
  items: number;
  popular: string[];
  users: number[];
}

/** Most items in one lookup. */
export const MOST_LOOKED_UP = 1000;

/** The port to a store of models that looks up single items by id. */
export interface ItemStore {
  /**
   * Looks up at most `MOST_LOOKED_UP` items at once. Unknown items are left out.
   * @throws when the store fails, or does not answer in time.
   */
  itemsOf(model: string, ids: string[], deadlineMs?: number): Promise<Map<string, StoredItem>>;
  /**
   * The popular items of a model.
   * @throws Problem when the model is missing, or reading is not permitted.
   */
  popularOf(model: string): Promise<PopularItems>;
}
