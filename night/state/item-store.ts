import type { ItemDetails } from "../../contracts/http/catalogue.ts";
import type { TableName } from "../../contracts/tables.ts";

/** The neighbours of an item in one table, best first. `scores[k]` belongs to `items[k]`. */
export interface NeighbourList {
  items: string[];
  scores: number[];
}

/** An item of a model: its neighbours in each table, and what the catalogue says of it. */
export interface StoredItem extends ItemDetails {
  lists: Record<TableName, NeighbourList>;
}

/** How many items a model has, the most popular of them, and how many users each of these had. */
export interface PopularItems {
  items: number;
  popular: string[];
  users: number[];
}

/** One lookup finds at most so many items. */
export const MOST_LOOKED_UP = 1000;

/** The port to a shop's models where single items are looked up by id. */
export interface ItemStore {
  /**
   * Looks at most `MOST_LOOKED_UP` items up at once. Items that the model does not have are left out.
   * @throws when the store fails, or has not answered in time.
   */
  itemsOf(model: string, ids: string[], deadlineMs?: number): Promise<Map<string, StoredItem>>;
  /**
   * The popular items of a model.
   * @throws Problem when the store does not have the model, or may not be read.
   */
  popularOf(model: string): Promise<PopularItems>;
}
