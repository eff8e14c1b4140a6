import type { DuckDBConnection } from "@duckdb/node-api";
import { MOST_CATEGORIES } from "../../../contracts/catalogue.ts";
import type { Catalogue, FeedColumns } from "../../../core/model/encode.ts";
import { eachChunk } from "../duckdb.ts";
import { FEED } from "../feed/read-feed.ts";

/** Stands between the categories of an item, in one text. No category has it. */
const BETWEEN = "\u001f";

/**
 * Reads a model's catalogue (a relation for SQL) in the order of item codes, which is that of the
 * ids' bytes. What the shop's own catalogue says counts more than what events said; a category of
 * the events stays as a further one, so that filters by it go on.
 * @param hasFeed the table FEED is there
 */
export async function readCatalogue(
  connection: DuckDBConnection,
  source: string,
  hasFeed: boolean,
): Promise<Catalogue & { matched: number }> {
  const columns = Array.from({ length: 12 }, (): unknown[] => []);
  await eachChunk(connection, hasFeed ? withFeed(source) : withoutFeed(source), (chunk) =>
    chunk.forEach((values, k) => values.forEach((value) => columns[k].push(value))),
  );
  const [name, category, price, available, ...others] = columns;
  const [users, views, purchases] = others.slice(0, 3).map((values) => Int32Array.from(values as number[]));
  const said = { name, category, price, available } as Pick<
    Catalogue,
    "name" | "category" | "price" | "available"
  >;
  const catalogue = { ...said, users, views, purchases, matched: 0 };
  if (!hasFeed) return catalogue;
  const [categories, link, image, group, isMatched] = others.slice(3);
  const feed = {
    categories: (categories as (string | null)[]).map((text) => (text ? text.split(BETWEEN) : [])),
    link,
    image,
    group: Int32Array.from(group as number[]),
  } as FeedColumns;
  return { ...catalogue, feed, matched: (isMatched as boolean[]).filter(Boolean).length };
}

const COUNTS = "users::INTEGER AS users, views::INTEGER AS views, purchases::INTEGER AS purchases";

const withoutFeed = (source: string) =>
  `SELECT name, category, price::DOUBLE, available, ${COUNTS} FROM ${source} ORDER BY item`;

/**
 * Only groups that have two items of the model or more count. All variants of a product have the
 * main category of the first: a limit on categories then never divides a product.
 */
const withFeed = (source: string) => `
  WITH joined AS (
    SELECT item, coalesce(feed.name, said.name) AS name, coalesce(feed.price, said.price::DOUBLE) AS price,
      coalesce(feed.available, said.available) AS available, ${COUNTS}, link, image, "group",
      list_filter(list_append(coalesce(categories, []), said.category), lambda name: name IS NOT NULL) AS names,
      feed.item IS NOT NULL AS matched
    FROM ${source} AS said LEFT JOIN ${FEED} AS feed USING (item)
  ), grouped AS (
    SELECT *, CASE WHEN "group" IS NOT NULL THEN count(*) OVER (PARTITION BY "group") END > 1 AS isVariant,
      CASE WHEN "group" IS NULL THEN names[1]
        ELSE first_value(names[1]) OVER (PARTITION BY "group" ORDER BY item) END AS category
    FROM joined
  )
  SELECT name, category, price, available, users, views, purchases,
    array_to_string(list_distinct(list_filter(names[:${MOST_CATEGORIES}], lambda name: name <> category)), '${BETWEEN}'),
    link, image,
    CASE WHEN isVariant THEN dense_rank() OVER (ORDER BY CASE WHEN isVariant THEN "group" END)::INTEGER - 1 ELSE -1 END,
    matched
  FROM grouped ORDER BY item`;
