import { MOST_CATEGORIES } from "../../../contracts/catalogue.ts";
import { literal } from "../duckdb.ts";

// SQL for the values of a catalogue's cells, which are texts.

/** Words of Google, schema.org, Shopify and WooCommerce for what can be bought now or ordered. */
const IN_STOCK = [
  "in stock",
  "instock",
  "available",
  "true",
  "yes",
  "y",
  "preorder",
  "pre order",
  "backorder",
  "back order",
  "on backorder",
  "onbackorder",
  "available for order",
  "limited availability",
  "limitedavailability",
  "online only",
  "onlineonly",
];
const SOLD_OUT = [
  "out of stock",
  "outofstock",
  "sold out",
  "soldout",
  "unavailable",
  "not available",
  "false",
  "no",
  "n",
  "discontinued",
];

const list = (words: readonly string[]) => `(${words.map(literal).join(", ")})`;

/** True, false, or NULL: unknown. A number is what is left in stock; DuckDB sorts NaN above all. */
export function availability(cell: string): string {
  const word = `trim(regexp_replace(regexp_replace(lower(${cell}), '^https?://schema.org/', ''), '[_\\s-]+', ' ', 'g'))`;
  return `(CASE WHEN ${word} IN ${list(IN_STOCK)} THEN true WHEN ${word} IN ${list(SOLD_OUT)} THEN false
    WHEN isnan(TRY_CAST(${cell} AS DOUBLE)) THEN NULL ELSE TRY_CAST(${cell} AS DOUBLE) > 0 END)`;
}

/**
 * An amount of money as DOUBLE: 12.50 EUR, $1,299.00, 1.299,00 €, 12,50. NULL where it is none. A
 * sign followed by groups of three digits alone divides thousands, but for one dot: it is a decimal
 * point in feeds. A large number of a Parquet file has an exponent.
 */
export function price(cell: string): string {
  const text = `regexp_replace(regexp_replace(${cell}, '[^0-9.,-]', '', 'g'), '[.,]+$', '')`;
  return `TRY_CAST((CASE
    WHEN regexp_full_match(${cell}, '\\d+(\\.\\d+)?[eE][+-]?\\d+') THEN ${cell}
    WHEN regexp_full_match(${text}, '\\d+(\\.\\d+)?') THEN ${text}
    WHEN regexp_full_match(${text}, '\\d{1,3}(,\\d{3})+(\\.\\d*)?') THEN replace(${text}, ',', '')
    WHEN regexp_full_match(${text}, '\\d+,\\d+') THEN replace(${text}, ',', '.')
    WHEN regexp_full_match(${text}, '\\d{1,3}(\\.\\d{3})+(,\\d*)?') THEN replace(replace(${text}, '.', ''), ',', '.')
    END) AS DOUBLE)`;
}

/** An address on the web. Others, javascript: say, must not get into a storefront's pages. */
export const address = (cell: string) =>
  `(CASE WHEN strlen(${cell}) <= 2000 AND regexp_full_match(${cell}, 'https?://[^\\s"<>]+') THEN ${cell} END)`;

/** Stands for a comma that WooCommerce escapes, as it is no divider. */
const COMMA = "chr(1)";

/**
 * The categories of a cell as a list: each path as it is written, then the levels of all paths, the
 * last first. `A > B, C` has A > B, C, B and A. A list comes as JSON.
 * @param divider what stands between several in a text
 */
export function categories(cell: string, divider: string): string {
  const several = `string_split(replace(${cell}, '\\,', ${COMMA}), ${literal(divider)})`;
  const paths = `CASE WHEN starts_with(${cell}, '[') THEN TRY(from_json(${cell}, '["VARCHAR"]')) ELSE ${several} END`;
  const written = `list_transform(${paths}, lambda path: trim(replace(path, ${COMMA}, ',')))`;
  const levels = `list_transform(list_reverse(string_split(path, '>')), lambda level: trim(level))`;
  return `list_concat(${written}, flatten(list_transform(${written}, lambda path: ${levels})))`;
}

/** A list without blanks, without what is too long to ask for, and each once. */
export const distinct = (list: string) =>
  `list_filter(${list}, lambda name, k: name <> '' AND strlen(name) <= 256 AND list_position(${list}, name) = k)[:${MOST_CATEGORIES}]`;
