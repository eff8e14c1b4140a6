import { EVENTS, type EventName } from "../../../../contracts/interactions.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import { literal } from "../../duckdb.ts";

/** What shops, their plugins and public data sets write. */
const SYNONYMS: Record<EventName, string[]> = {
  view_item: [
    ..."view views click clicks browse browsed product_view product_click productview".split(" "),
    ..."product_viewed product_clicked detail viewed".split(" "),
    "product viewed",
    "product clicked",
  ],
  add_to_cart: [
    ..."cart carts basket addtocart add_to_basket added_to_cart product_added add".split(" "),
    "product added",
    "add to cart",
  ],
  purchase: [
    ..."buy order orders transaction purchased purchases order_completed transaction_item".split(" "),
    ..."ecommerceorder checkout_completed".split(" "),
    "order completed",
  ],
};

/**
 * SQL that turns a shop's event name into one of the three, or NULL. The shop's own names win; case
 * does not count.
 * A GA4 export gets no synonyms: there a `click` is a click on a link to another site.
 */
export function eventCase(name: string, own: Settings["eventNames"], shape: "ga4" | "flat"): string {
  const { "*": other, ...named } = own;
  const synonyms = EVENTS.flatMap((event) => SYNONYMS[event].map((name) => [name, event] as const));
  const ga4 = EVENTS.map((event) => [event, event] as const);
  const branches = [...Object.entries(named), ...ga4, ...(shape === "flat" ? synonyms : [])]
    .map(([from, to]) => `WHEN lower(${literal(from)}) THEN ${literal(to)}`)
    .join(" ");
  return `CASE lower(${name}) ${branches} ELSE ${other ? literal(other) : "NULL"} END`;
}
