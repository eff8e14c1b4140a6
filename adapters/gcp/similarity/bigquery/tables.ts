/** The tables of an attempt, by content, under BigQuery's names: project.dataset.table. */
export interface Tables {
  /**
   * user, item, event, count, lastAt, name, category, price, scope: the pinned exports, as reviews
   * leave them.
   */
  interactions: string;
  /** The same before, and user, item, rating, at: both only where there are reviews. */
  events?: string;
  reviews?: string;
  /** scenario, user, item, value, capped: all ratings; `capped` marks those within the cap. */
  entries: string;
  /** scenario, item, neighbours. */
  neighbours: string;
}

/** SQL that makes a table of a query; it expires after a day. */
export const create = (table: string) =>
  `CREATE OR REPLACE TABLE \`${table}\`
   OPTIONS (expiration_timestamp = TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 1 DAY)) AS`;
