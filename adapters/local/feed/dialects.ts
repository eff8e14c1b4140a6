import type { FeedColumn } from "../../../contracts/catalogue.ts";
import { FEED_NAMES, plainFeedName } from "../../../contracts/feed-names.ts";
import { identifier } from "../duckdb.ts";

/** SQL of the texts of a feed, one expression a column. `note` says what was taken for what. */
export interface Dialect {
  name: string;
  cells: Record<FeedColumn, string>;
  /** The columns of the file behind them. */
  taken: Partial<Record<FeedColumn, string>>;
  /** Rows that are items; others are further pictures, say. */
  where: string;
  /** What stands between several categories in one cell. */
  divider: string;
}

const NONE = "NULL::VARCHAR";

/** Finds columns by their names. */
class Columns {
  readonly #names: Map<string, string>;

  constructor(names: readonly string[]) {
    this.#names = new Map(names.map((name) => [plainFeedName(name), name]));
  }

  /** The first of these that is there. */
  find(...names: string[]): string | undefined {
    return names.map((name) => this.#names.get(name)).find((name) => name !== undefined);
  }

  has = (...names: string[]) => names.every((name) => this.#names.has(name));

  /** SQL of the first that is there and not blank in a row. */
  cell(...names: string[]): string {
    const found = names.map((name) => this.#names.get(name)).filter((name) => name !== undefined);
    return found.length === 0 ? NONE : `coalesce(${found.map(cellOf).join(", ")})`;
  }
}

/** Blanks around a text are no part of it. */
export const cellOf = (column: string) => `nullif(trim(${identifier(column)}), '')`;

/** The dialect of a file with these columns. */
export function dialectOf(names: readonly string[]): Dialect {
  const columns = new Columns(names);
  if (columns.has("in_stock", "regular_price", "sku")) return wooCommerce(columns);
  const isShopify = columns.has("handle", "variant_price") || columns.has("url_handle", "price", "sku");
  return isShopify ? shopify(columns) : own(columns);
}

/** A time of ISO 8601: DuckDB wants seconds, and a colon in the offset. */
const time = (cell: string) =>
  `TRY_CAST(regexp_replace(regexp_replace(${cell}, '([+-]\\d\\d)(\\d\\d)$', '\\1:\\2'),
    '([T ]\\d\\d:\\d\\d)([+Z-]|$)', '\\1:00\\2') AS TIMESTAMPTZ)`;

/** A price now: the sale price, unless its time is over or has not come. */
const priceNow = (regular: string, sale: string, from: string, to: string) =>
  `CASE WHEN coalesce(${time(from)} > now(), false) OR coalesce(${time(to)} < now(), false)
    THEN ${regular} ELSE coalesce(${sale}, ${regular}) END`;

/** A Google Merchant feed has the same names as many own files. */
function own(columns: Columns): Dialect {
  const [taken, cells] = [{} as Dialect["taken"], {} as Dialect["cells"]];
  for (const [column, aliases] of Object.entries(FEED_NAMES) as [FeedColumn, string[]][]) {
    const name = columns.find(...aliases);
    if (name !== undefined) taken[column] = name;
    // Two columns of ids would name two kinds of things.
    cells[column] = column === "id" && name !== undefined ? cellOf(name) : columns.cell(...aliases);
  }
  const dates = columns.cell("sale_price_effective_date");
  const [from, to] = [1, 2].map((part) => `split_part(${dates}, '/', ${part})`);
  cells.price = priceNow(cells.price, columns.cell("sale_price"), from, to);
  const isMerchant = plainFeedName(taken.category ?? "") === "product_type";
  return { name: "a list of items", cells, taken, where: "true", divider: isMerchant ? "," : "|" };
}

/**
 * Shopify's product export, the older and the newer one: a row a variant, and rows of further
 * pictures. Only a product's first row has all of it.
 */
function shopify(columns: Columns): Dialect {
  const handle = columns.cell("handle", "url_handle");
  const ofProduct = (...names: string[]) => firstOf(columns.cell(...names), handle);
  const [sku, price] = [columns.cell("variant_sku", "sku"), columns.cell("variant_price", "price")];
  const quantity = columns.cell("variant_inventory_qty", "inventory_quantity");
  const goesOn = `lower(coalesce(${columns.cell("variant_inventory_policy", "continue_selling_when_out_of_stock")}, '')) IN ('continue', 'true')`;
  const isTracked = columns.find("variant_inventory_tracker", "inventory_tracker")
    ? `${columns.cell("variant_inventory_tracker", "inventory_tracker")} IS NOT NULL`
    : "true";
  const isHidden = `coalesce(lower(${ofProduct("status")}) <> 'active', false)
    OR coalesce(lower(${ofProduct("published", "published_on_online_store")}) = 'false', false)`;
  return {
    name: "Shopify's product export",
    cells: {
      id: sku,
      name: ofProduct("title"),
      category: `coalesce(${ofProduct("product_category")}, ${ofProduct("type")})`,
      price,
      available: `CASE WHEN ${isHidden} THEN 'false' WHEN ${goesOn} OR NOT (${isTracked}) THEN 'true' ELSE ${quantity} END`,
      link: NONE,
      image: `coalesce(${columns.cell("variant_image", "variant_image_url")}, ${ofProduct("image_src", "product_image_url")})`,
      group: handle,
    },
    taken: named(columns, {
      id: ["variant_sku", "sku"],
      name: ["title"],
      category: ["product_category", "type"],
      price: ["variant_price", "price"],
      available: ["variant_inventory_qty", "inventory_quantity"],
      image: ["image_src", "product_image_url"],
      group: ["handle", "url_handle"],
    }),
    where: `${sku} IS NOT NULL OR ${price} IS NOT NULL`,
    divider: "|",
  };
}

/**
 * WooCommerce's product export: a row a product or variation. A variation names its parent, and
 * has no categories of its own.
 */
function wooCommerce(columns: Columns): Dialect {
  const [id, sku, kind] = [columns.cell("id"), columns.cell("sku"), columns.cell("type")];
  const group = `CASE WHEN starts_with(${kind}, 'variation') THEN regexp_replace(${columns.cell("parent")}, '^id:', '')
    WHEN starts_with(${kind}, 'variable') THEN coalesce(${sku}, ${id}) END`;
  const inherited = (cell: string) => `coalesce(${cell}, ${firstOf(cell, `coalesce(${group}, ${id})`)})`;
  const [from, to] = [columns.cell("date_sale_price_starts"), columns.cell("date_sale_price_ends")];
  return {
    name: "WooCommerce's product export",
    cells: {
      id,
      name: columns.cell("name"),
      category: inherited(columns.cell("categories")),
      price: priceNow(columns.cell("regular_price"), columns.cell("sale_price"), from, to),
      available: `CASE WHEN ${columns.cell("published")} <> '1' THEN 'false' ELSE ${columns.cell("in_stock")} END`,
      link: NONE,
      image: `trim(split_part(${inherited(columns.cell("images"))}, ',', 1))`,
      group,
    },
    taken: named(columns, {
      id: ["id"],
      name: ["name"],
      category: ["categories"],
      price: ["regular_price"],
      available: ["in_stock"],
      image: ["images"],
      group: ["parent"],
    }),
    where: "true",
    divider: ",",
  };
}

/** The first cell of a group that is not blank. */
const firstOf = (cell: string, group: string) =>
  `arg_min(${cell}, CASE WHEN ${cell} IS NOT NULL THEN line END) OVER (PARTITION BY ${group})`;

function named(columns: Columns, names: Partial<Record<FeedColumn, string[]>>): Dialect["taken"] {
  const found = Object.entries(names).map(([column, aliases]) => [column, columns.find(...aliases)]);
  return Object.fromEntries(found.filter(([, name]) => name !== undefined));
}
