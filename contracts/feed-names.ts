import type { FeedColumn } from "./catalogue.ts";

/** Names are alike but for case, blanks and prefixes: `g:image link`, `Image_Link`. */
export const plainFeedName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/^g:/, "")
    .replace(/[^\p{L}\p{N}]+/gu, "_")
    .replace(/^_|_$/g, "");

/** The names by which the columns of a shop's own list are found, the likelier first. */
export const FEED_NAMES: Record<FeedColumn, string[]> = {
  id: ["id", "item_id", "item", "sku", "product_id", "productid", "article", "article_id", "offer_id"],
  name: ["title", "name", "item_name", "product_name", "product_title"],
  category: [
    "category",
    "categories",
    "item_category",
    "product_type",
    "product_category",
    "google_product_category",
  ],
  price: ["price", "unit_price", "current_price"],
  available: [
    "availability",
    "available",
    "in_stock",
    "instock",
    "is_in_stock",
    "stock_status",
    "quantity",
    "stock",
    "inventory",
    "qty",
  ],
  link: ["link", "url", "product_url", "product_link"],
  image: ["image", "image_link", "image_url", "picture"],
  group: ["group", "item_group_id", "group_id", "variant_group", "parent_id", "parent"],
};

/** Of products and variants: what Shopify calls their ids. */
const SHOPIFY_ID = "variant_sku";

/**
 * Why no catalogue with these columns can be read, whatever is in it; undefined: it may be.
 * @param map the setting `catalogueMap`
 */
export function lackOfColumns(
  names: readonly string[],
  map: Partial<Record<FeedColumn, string>>,
): string | undefined {
  const other = Object.values(map).find((name) => !names.includes(name));
  if (other !== undefined) return `it has no column ${other}`;
  const isId = (name: string) => [...FEED_NAMES.id, SHOPIFY_ID].includes(plainFeedName(name));
  return map.id !== undefined || names.some(isId) ? undefined : "it has no column of ids";
}
