import type { DuckDB } from "../../adapters/local/duckdb.ts";

/** Window of the generated shop. */
export const DAYS = 30;
export const LAST_DAY = "2026-10-31";

const ITEMS = 3_000;
const EVENTS_OF_A_VISIT = 13;
const EVENTS_OF_A_CUSTOMER = 26;
/** The share of damaged views, as in the demo shop: every real export has some. */
const DAMAGED = 1 / 1500;

/**
 * Makes the table `made`, one row an event, in order of time within a visit. The same number of
 * events gives the same rows:
 *
 *     i, day (DATE), micros, event, device, customer (NULL for most), damage (0: none), page
 *     items   list of {item_id, quantity}; empty for page views and the like
 *
 * Popularity is Zipf(1), customers are lognormal in spirit: few come often.
 */
export async function makeEvents({ connection }: DuckDB, events: number): Promise<void> {
  const customers = Math.ceil(events / EVENTS_OF_A_CUSTOMER);
  await connection.run(`
    CREATE OR REPLACE MACRO draw(x, k) AS (hash(x, k) >> 11)::DOUBLE / 9007199254740992.0;
    CREATE OR REPLACE MACRO an_item(i, k) AS 'sku-' || lpad(floor(${ITEMS} ** draw(i, k))::INTEGER::VARCHAR, 5, '0')`);
  await connection.run(`CREATE OR REPLACE TABLE made AS
    SELECT i, day, micros, event, page, damage,
      CASE WHEN damage <> 3 THEN (hash(who, 10) % 2000000000) || '.' || (1700000000 + who) END AS device,
      CASE WHEN damage <> 3 AND draw(who, 11) < 0.4 THEN 'c' || lpad(who::VARCHAR, 8, '0') END AS customer,
      CASE WHEN event IN ('view_item', 'add_to_cart') THEN [{item_id: an_item(i, 20), quantity: 1}]
        WHEN event = 'purchase' THEN list_transform(range(1 + floor(3 * draw(i, 21))::BIGINT),
          lambda k: {item_id: an_item(i, 22 + k), quantity: 1 + (hash(i, k) % 3)::INTEGER})
        ELSE [] END AS items
    FROM (
      SELECT *, CASE WHEN event = 'view_item' AND draw(i, 6) < ${DAMAGED} THEN 1 + (hash(i, 7) % 4)::INTEGER ELSE 0 END AS damage
      FROM (
        SELECT i, floor(${customers} * draw(visit, 1) ** 2)::INTEGER AS who, (hash(i, 9) % 500)::INTEGER AS page,
          DATE '${LAST_DAY}' - floor(${DAYS} * draw(visit, 2))::INTEGER AS day,
          epoch_us(day::TIMESTAMP) + 1000000 * (floor(80000 * draw(visit, 3))::BIGINT + 20 * (i % ${EVENTS_OF_A_VISIT})) + i % 1000000 AS micros,
          CASE WHEN draw(i, 5) < 0.55 THEN 'view_item' WHEN draw(i, 5) < 0.63 THEN 'add_to_cart'
            WHEN draw(i, 5) < 0.66 THEN 'purchase' WHEN draw(i, 5) < 0.86 THEN 'page_view'
            WHEN draw(i, 5) < 0.93 THEN 'session_start' ELSE 'scroll' END AS event
        FROM (SELECT i, i // ${EVENTS_OF_A_VISIT} AS visit FROM range(${events}) AS numbers(i))))`);
}

/** The fields of an item, from its id: SQL for a struct. */
const item = (entry: string, quantity: string) => `{
  item_id: ${damaged(entry)},
  item_name: 'Product ' || ${entry}.item_id, item_category: 'Category ' || (hash(${entry}.item_id) % 40),
  price: 5 + (hash(${entry}.item_id, 1) % 20000) / 100.0, quantity: ${quantity}}`;

const damaged = (entry: string) =>
  `CASE damage WHEN 1 THEN '(not set)' WHEN 2 THEN '' ELSE ${entry}.item_id END`;

/** SQL: a day's events as BigQuery exports GA4, nested. `integer` is the type of its INT64. */
function ga4(day: string, integer: "BIGINT" | "VARCHAR"): string {
  const whole = (sql: string) => `CAST(${sql} AS ${integer})`;
  const text = (key: string, value: string) =>
    `{key: '${key}', value: {string_value: ${value}, int_value: ${whole("NULL")}}}`;
  return `SELECT strftime(day, '%Y%m%d') AS event_date, ${whole("micros")} AS event_timestamp, event AS event_name,
      [{key: 'ga_session_id', value: {string_value: NULL::VARCHAR, int_value: ${whole("micros // 3600000000")}}},
        ${text("page_location", "'https://shop.example/department/' || page || '/page?from=list'")},
        ${text("page_title", "'Department ' || page || ' of the shop'")}] AS event_params,
      device AS user_pseudo_id, customer AS user_id,
      {category: ['desktop', 'mobile', 'tablet'][1 + page % 3], operating_system: 'Android', language: 'en-gb'} AS device,
      {country: 'Germany', region: 'Region ' || page % 16, city: 'City ' || page} AS geo,
      list_transform(items, lambda entry: ${item("entry", whole("entry.quantity"))}) AS items, i, damage
    FROM made WHERE day = DATE '${day}' ORDER BY i`;
}

const GA4_FIELDS = [
  "event_date",
  "event_timestamp",
  "event_name",
  "event_params",
  "user_pseudo_id",
  "user_id",
  "device",
  "geo",
  "items",
];

/** SQL: a day's GA4 events as lines of JSON, a few of them cut. INT64 is text there. */
export function ga4Lines(day: string): string {
  const json = `json_object(${GA4_FIELDS.map((field) => `'${field}', ${field}`).join(", ")})`;
  return `SELECT CASE damage WHEN 4 THEN left(json, -20) ELSE json END AS line FROM (
    SELECT damage, ${json}::VARCHAR AS json
    FROM (${ga4(day, "VARCHAR")}))`;
}

/** SQL: a day's GA4 events as Parquet has them. */
export const ga4Rows = (day: string): string =>
  `SELECT * EXCLUDE (i, damage) FROM (${ga4(day, "BIGINT")}) WHERE damage <> 4`;

/** SQL: the same events flat, a row for each item; those without an item have one row too. */
export const flatRows = `
  SELECT coalesce(customer, device) AS user_id, ${damaged("entry")} AS item_id, event, make_timestamp(micros) AS time,
    entry.quantity AS quantity, 'Product ' || entry.item_id AS name,
    'Category ' || (hash(entry.item_id) % 40) AS category, 5 + (hash(entry.item_id, 1) % 20000) / 100.0 AS price
  FROM (SELECT *, unnest(CASE WHEN len(items) = 0 THEN [NULL] ELSE items END) AS entry FROM made WHERE damage <> 4)
  ORDER BY i`;
