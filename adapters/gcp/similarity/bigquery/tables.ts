/** The tables of an attempt, by content, under BigQuery's names: project.dataset.table. */
export interface Tables {
  /** The pinned exports: see Interaction in contracts/interactions.ts. */
  pinned: string;
  /**
   * user, item, event, count, lastAt, name, category, price, scope: what people did, as reviews
   * leave it. Without reviews it has `day` too.
   */
  interactions: string;
  /** The same before, with `day`; and user, item, rating, at: both only where there are reviews. */
  events?: string;
  reviews?: string;
  /**
   * scenario, user, item, value, capped, place, length: all ratings. `capped` marks those within
   * the cap. Among them, `place` is the item's in the user's history by time, from 1, and `length`
   * the number of its items.
   */
  entries: string;
  /** scenario, item, neighbours. */
  neighbours: string;
}

/** SQL that makes a table of a query; it expires after a day. */
export const create = (table: string) =>
  `CREATE OR REPLACE TABLE \`${table}\`
   OPTIONS (expiration_timestamp = TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 1 DAY)) AS`;
