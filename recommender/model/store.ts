import type { ItemDetails } from "../../contracts/http/catalogue.ts";
import type { TableName } from "../../contracts/tables.ts";
import type { ModelAnswers } from "../../contracts/settings/query.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import type { PushedStock } from "../../core/model/pushed-stock.ts";
import type { Query } from "../../core/ranking/answer.ts";
import type { EncodedIds } from "../../core/model/row-ids.ts";
import type { Ranking } from "../../core/ranking/ranker.ts";
import type { CategoryCount, Listing } from "./listing.ts";

/** Ranks from memory, at once. The same request always gets the same answer. */
export interface RanksNow {
  when: "now";
  rank(queries: readonly Query[]): Ranked[];
}

/** Ranks after lookups. Part of the model may be out of reach, so answers may differ. */
export interface RanksLater {
  when: "later";
  rank(query: Query): Promise<Ranked>;
}

/** A model that is ready to answer. */
export interface StoredModel {
  items: number;
  /**
   * From now on availability and prices are the model's own, and what was pushed later than
   * `readAt`. Answers meanwhile are as before.
   */
  restock(pushed: PushedStock | null, readAt: number): Promise<void>;
  /** Ranks without the items that are blocked at the time. */
  rankingWithout(blocked: () => ReadonlySet<string>): RanksNow | RanksLater;
  /** An item's neighbours, best first; null: the model does not have the item. */
  neighbours(item: string, scenario: TableName): Promise<Neighbour[] | null>;
  /** Catalogue details of those of these items that the model has. */
  describe(items: readonly string[]): Promise<Map<string, ItemDetails>>;
  /**
   * Those of these items that may be shown, in their order: without those that are out, and what is
   * known to be sold out; of a product's variants the first, if none of them is out.
   */
  presentable(items: readonly string[], out: ReadonlySet<string>): Promise<string[]>;
  /**
   * Items that fit, the most popular ones first. The store `datastore` looks among its popular
   * items only.
   */
  list(listing: Listing): Promise<string[]>;
  /** True for a scope of users whose name no category has. The store `datastore` knows none. */
  hasScope(name: string): boolean;
  /** The categories of the items that it can list, by name. */
  categories(): CategoryCount[];
}

/** A ranking, and how its rows are called. */
export interface Ranked extends Ranking {
  ids: EncodedIds;
  /** What the request asks of each result's item, as the inside of a JSON object. */
  details?: readonly string[];
}

export interface Neighbour {
  item: string;
  score: number;
}

/** Where neighbours are looked up. */
export interface Store {
  name: Settings["store"];
  /**
   * Makes a model ready to answer.
   * @param answers what its answers go by, where the settings say nothing else
   * @throws when it is missing, damaged or cannot be reached.
   */
  load(model: string, answers?: ModelAnswers): Promise<StoredModel>;
  /** Lookups over the network so far, and how many of them failed without failing a request. */
  lookups(): { made: number; failed: number };
  /** A failure since the last call that failed no request; null: there was none. */
  trouble(): Error | null;
}
