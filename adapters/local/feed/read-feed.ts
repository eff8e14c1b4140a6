import type { DuckDBConnection } from "@duckdb/node-api";
import { FEED_COLUMNS, type FeedColumn, type FeedFault } from "../../../contracts/catalogue.ts";
import { lackOfColumns } from "../../../contracts/feed-names.ts";
import { MAX_ID_BYTES } from "../../../contracts/interactions.ts";
import type { ItemAliases } from "../../../contracts/item-aliases.ts";
import type { FeedMetrics } from "../../../contracts/metrics.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import { query } from "../duckdb.ts";
import { MOST_COLUMNS } from "../most-columns.ts";
import { ITEM_NOW, loadNewIds, withNewIds } from "../new-ids.ts";
import { cellOf, dialectOf, type Dialect } from "./dialects.ts";
import { openFeed } from "./open-feed.ts";
import { asking, noList, someOf, unreadable } from "./unreadable.ts";
import { address, availability, categories, distinct, price } from "./values.ts";

/** The table that `readFeed` makes: an item a row, values that are unknown are NULL. */
export const FEED = "feed";

/** A longer name is cut. */
const LONGEST_NAME = 500;

/**
 * Reads a shop's catalogue into the temporary table `FEED`: item, name, categories (a list), price,
 * available, link, image, group. Items with an old id get the new one. DuckDB spills what does not
 * fit its memory.
 * @returns what was taken for what, and counts of the rows and values that could not be.
 * @throws Problem when the file cannot be read, or no item is in it.
 */
export async function readFeed(
  connection: DuckDBConnection,
  path: string,
  { catalogueMap }: Pick<Settings, "catalogueMap">,
  aliases?: ItemAliases,
): Promise<FeedMetrics> {
  const readAt = new Date().toISOString();
  const { from, columns, malformed } = await openFeed(connection, path);
  if (columns.length > MOST_COLUMNS) throw noList(path, columns);
  const dialect = mapped(path, dialectOf(columns), columns, catalogueMap);
  await asking(path, () => connection.run(rowsTable(from, dialect)));
  const [counts] = await query<Counts>(connection, COUNTS);
  const [lost] = malformed ? await query<{ n: number }>(connection, malformed) : [{ n: 0 }];
  const hasNewIds = await loadNewIds(connection, aliases);
  const items = itemsOf(hasNewIds ? withNewIds("feed_rows") : "(SELECT *, NULL AS new_item FROM feed_rows)");
  await connection.run(`CREATE OR REPLACE TEMP TABLE ${FEED} AS ${items}`);
  const [found] = await query<Found>(connection, FOUND);
  await connection.run("DROP TABLE feed_rows");
  const { rows, good, ...counted } = counts;
  if (found.items === 0) throw noItems(path, columns, dialect);
  const faults = { malformed_line: lost.n, ...counted, repeated_id: good - found.items };
  return {
    source: path,
    readAt,
    columns: dialect.taken,
    rows: rows + lost.n,
    ...found,
    faults: Object.fromEntries(Object.entries(faults).filter(([, count]) => count > 0)),
  };
}

interface Counts extends Record<Exclude<FeedFault, "malformed_line" | "repeated_id">, number> {
  rows: number;
  good: number;
}

type Found = Pick<FeedMetrics, "items" | "available" | "soldOut">;

/** The columns that `catalogueMap` names count in place of those that were found. */
function mapped(
  path: string,
  dialect: Dialect,
  columns: readonly string[],
  map: Settings["catalogueMap"],
): Dialect {
  const why = lackOfColumns(columns, map);
  if (why !== undefined) {
    const next = `name one of its columns with --catalogue-map id=<column>; there are ${someOf(columns) || "none"}`;
    throw unreadable(path, why, next);
  }
  const cells = Object.fromEntries(Object.entries(map).map(([column, name]) => [column, cellOf(name)]));
  return { ...dialect, cells: { ...dialect.cells, ...cells }, taken: { ...dialect.taken, ...map } };
}

function rowsTable(from: string, { cells, where, divider }: Dialect): string {
  const texts = FEED_COLUMNS.map((column) => `${cells[column]} AS "${column}"`).join(", ");
  return `CREATE OR REPLACE TEMP TABLE feed_rows AS
    SELECT line, id AS item, left(name, ${LONGEST_NAME}) AS name, ${distinct("named")} AS categories,
      "group", amount AS price, can_buy AS available, page AS link, picture AS image,
      price IS NOT NULL AND amount IS NULL AS unread_price,
      available IS NOT NULL AND can_buy IS NULL AS unread_availability,
      (link IS NOT NULL AND page IS NULL) OR (image IS NOT NULL AND picture IS NULL) AS unread_link
    FROM (
      SELECT *, ${price("price")} AS amount, ${availability("available")} AS can_buy, ${address("link")} AS page,
        ${address("image")} AS picture, ${categories("category", divider)} AS named
      FROM (SELECT line, ${where} AS counts, ${texts} FROM ${from})
      WHERE counts)`;
}

const IS_LONG = `strlen(item) > ${MAX_ID_BYTES}`;
const IS_GOOD = `item IS NOT NULL AND NOT ${IS_LONG}`;

const COUNTS = `SELECT count(*)::INTEGER AS rows, (count(*) FILTER (item IS NULL))::INTEGER AS no_id,
  (count(*) FILTER (${IS_LONG}))::INTEGER AS bad_id, (count(*) FILTER (${IS_GOOD}))::INTEGER AS good,
  ${["unread_price", "unread_availability", "unread_link"].map((flag) => `(count(*) FILTER (${flag}))::INTEGER AS ${flag}`).join(", ")}
  FROM feed_rows`;

/** An item's own row counts before one of its old id, then the last one. */
const itemsOf = (
  rows: string,
) => `SELECT ${ITEM_NOW} AS item, name, categories, price, available, link, image, "group" FROM ${rows}
  WHERE ${IS_GOOD} QUALIFY row_number() OVER (PARTITION BY ${ITEM_NOW} ORDER BY new_item IS NOT NULL, line DESC) = 1`;

const FOUND = `SELECT count(*)::INTEGER AS items, (count(*) FILTER (available))::INTEGER AS available,
  (count(*) FILTER (NOT available))::INTEGER AS "soldOut" FROM ${FEED}`;

function noItems(path: string, columns: readonly string[], { taken, name }: Dialect) {
  const id: FeedColumn = "id";
  const why = taken.id
    ? `no row of it has an id in the column ${taken.id} (it was read as ${name})`
    : "it has no column of ids";
  const next = `name the column with --catalogue-map ${id}=<column>; there are ${someOf(columns) || "none"}`;
  return unreadable(path, why, next);
}
