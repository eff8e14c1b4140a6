import { EVENTS } from "../../../../contracts/interactions.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import { literal } from "../../duckdb.ts";

const SYNONYMS: Settings["eventNames"] = {
  view: "view_item",
  views: "view_item",
  click: "view_item",
  browse: "view_item",
  browsed: "view_item",
  product_view: "view_item",
  cart: "add_to_cart",
  basket: "add_to_cart",
  addtocart: "add_to_cart",
  add_to_basket: "add_to_cart",
  buy: "purchase",
  order: "purchase",
  transaction: "purchase",
  purchased: "purchase",
};

/**
 * SQL that turns a shop's event name into one of the three, or NULL. The shop's own names win; case
 * does not count.
 * A GA4 export gets no synonyms: there a `click` is a click on a link to another site.
 */
export function eventCase(name: string, own: Settings["eventNames"], shape: "ga4" | "flat"): string {
  const { "*": other, ...named } = own;
  const ga4 = Object.fromEntries(EVENTS.map((event) => [event, event]));
  const all = Object.entries({ ...(shape === "flat" ? SYNONYMS : {}), ...ga4 });
  const branches = [...Object.entries(named), ...all]
    .map(([from, to]) => `WHEN lower(${literal(from)}) THEN ${literal(to)}`)
    .join(" ");
  return `CASE lower(${name}) ${branches} ELSE ${other ? literal(other) : "NULL"} END`;
}
