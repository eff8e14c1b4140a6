import { Problem } from "../../../../contracts/problem.ts";
import { literal } from "../../duckdb.ts";
import { PART } from "./files.ts";
import { GA4_COLUMNS, GA4_ITEMS_TYPE } from "./ga4.ts";
import type { Ga4FieldSettings } from "./ga4-fields.ts";
import { plainList } from "./parquet-types.ts";
import { areNull, readFields } from "./read-json.ts";

/**
 * The export of Google Analytics 360 before GA4 (Universal Analytics): a row is a session, with
 * hits in it, and products in these. Google's "BigQuery Export schema" describes it.
 */
const COLUMNS = ["fullVisitorId", "userId", "visitStartTime", "date"] as const;

const PRODUCT = `STRUCT(productSKU VARCHAR, v2ProductName VARCHAR, v2ProductCategory VARCHAR, productPrice VARCHAR,
  productQuantity VARCHAR, isImpression BOOLEAN)[]`;
const HITS = `STRUCT("time" VARCHAR, eCommerceAction STRUCT(action_type VARCHAR), product ${PRODUCT})[]`;

export const isGa360 = (columns: readonly string[]): boolean =>
  ["fullVisitorId", "visitStartTime", "hits"].every((name) => columns.includes(name));

/** SQL for the sessions of NDJSON files. */
export function sessionLines(): string {
  const texts = Object.fromEntries(COLUMNS.map((column) => [column, "VARCHAR"]));
  return `(SELECT row_number() OVER () AS line, ${PART} AS part, *, ${areNull([...COLUMNS, "hits"])} AS malformed
    FROM ${readFields({ ...texts, hits: HITS })})`;
}

/** SQL for the sessions of Parquet files, whose lists may lie in records. */
export function sessionsIn(files: string, types: ReadonlyMap<string, string>): string {
  const { sql, type } = plainList({ sql: "hits", type: types.get("hits")! });
  const isWrapped = /\bproduct"? STRUCT\("?list"? STRUCT\("?element"? /.test(type);
  const products = isWrapped ? "list_transform(hit.product.list, lambda one: one.element)" : "hit.product";
  const hit = `{"time": hit."time", eCommerceAction: hit.eCommerceAction, product: CAST(${products} AS ${PRODUCT})}`;
  const texts = COLUMNS.map(
    (name) => `${types.has(name) ? `CAST("${name}" AS VARCHAR)` : "NULL"} AS "${name}"`,
  );
  return `(SELECT ${PART} AS part, file_row_number + 1 AS line, false AS malformed, ${texts.join(", ")},
      CAST(list_transform(${sql}, lambda hit: ${hit}) AS ${HITS}) AS hits
    FROM ${files})`;
}

/** GA4's names of what GA360 has by number. */
const ACTIONS = { 2: "view_item", 3: "add_to_cart", 6: "purchase" };

/**
 * GA4 rows for ga4Rows(), one for each hit. Products that were only shown in a list are none of it.
 * @param sessions SQL: a relation of COLUMNS as text, HITS, part, line and malformed
 * @throws Problem for settings of GA4's tables.
 */
export function ga360Hits(path: string, sessions: string, settings: Ga4FieldSettings): string {
  const { ga4Scope, ga4Streams, ga4Hosts } = settings;
  if (ga4Scope !== undefined || ga4Streams.length > 0 || ga4Hosts.length > 0) throw notForGa360(path);
  const actions = Object.entries(ACTIONS).map(
    ([type, event]) => `WHEN ${literal(type)} THEN ${literal(event)}`,
  );
  const action = "hit.eCommerceAction.action_type";
  // Prices are millionths.
  const item = `{item_id: product.productSKU, item_name: product.v2ProductName, item_category: product.v2ProductCategory,
    price: TRY_CAST(product.productPrice AS DOUBLE) / 1e6, quantity: product.productQuantity}`;
  const products = `list_filter(hit.product, lambda product: NOT coalesce(product.isImpression, false))`;
  const columns = {
    event_date: '"date"',
    event_timestamp: `CAST((TRY_CAST(visitStartTime AS BIGINT) * 1000 + TRY_CAST(hit."time" AS BIGINT)) * 1000 AS VARCHAR)`,
    event_name: `CASE ${action} ${actions.join(" ")} ELSE '(action ' || coalesce(${action}, 'none') || ')' END`,
    user_id: "userId",
    user_pseudo_id: "fullVisitorId",
  } satisfies Record<(typeof GA4_COLUMNS)[number], string>;
  const read = GA4_COLUMNS.map((column) => `${columns[column]} AS ${column}`);
  return `(
    SELECT part, line, malformed, ${read.join(", ")}, NULL::VARCHAR AS scope, true AS is_asked,
      CAST(list_transform(${products}, lambda product: ${item}) AS ${GA4_ITEMS_TYPE}) AS items
    FROM (SELECT *, unnest(CASE WHEN len(hits) > 0 THEN hits ELSE [NULL] END) AS hit FROM ${sessions}))`;
}

function notForGa360(path: string): Problem {
  return new Problem({
    doing: `Reading ${path}`,
    why: "it is an export of Google Analytics 360, and ga4Scope, ga4Streams and ga4Hosts are for GA4's",
    next: "Leave them out, or make flat files of the rows that count",
  });
}
