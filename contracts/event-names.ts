import { EVENTS, type EventName } from "./interactions.ts";
import type { Settings } from "./settings/settings.ts";

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

/** Event names by meaning. Case does not count, and the first of equal names wins. */
export interface EventNames {
  named: [name: string, event: EventName][];
  /** What every other name means; undefined: nothing. */
  other: EventName | undefined;
}

/**
 * The names that count. The shop's own win.
 * A GA4 export gets no synonyms: there a `click` is a click on a link to another site.
 */
export function eventNamesOf(own: Settings["eventNames"], shape: "ga4" | "flat"): EventNames {
  const { "*": other, ...named } = own;
  const synonyms = EVENTS.flatMap((event) =>
    SYNONYMS[event].map((name): [string, EventName] => [name, event]),
  );
  const ga4 = EVENTS.map((event): [string, EventName] => [event, event]);
  return { named: [...Object.entries(named), ...ga4, ...(shape === "flat" ? synonyms : [])], other };
}
