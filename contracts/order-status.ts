import type { Settings } from "./settings/settings.ts";

/** Order statuses that say that nothing was bought, in any shop. */
const CANCELLED = [
  ..."cancelled canceled refunded failed voided expired declined rejected returned trash fraud".split(" "),
  ..."draft checkout-draft auto-draft payment_error".split(" "),
  "payment error",
];

/** What WooCommerce's tables write before a status, as a regular expression. */
export const STATUS_PREFIX = "^wc-";

/**
 * The statuses of orders that came to nothing, in lower case.
 * @param more those of a known layout, besides the usual ones
 */
export function cancelledStatuses(
  { orderStatuses }: Pick<Settings, "orderStatuses">,
  more: readonly string[] = [],
): string[] {
  const own = (meaning: string) =>
    Object.keys(orderStatuses).flatMap((name) =>
      orderStatuses[name] === meaning ? [name.trim().toLowerCase()] : [],
    );
  const bought = new Set(own("bought"));
  return [...new Set([...CANCELLED, ...more, ...own("cancelled")])].filter((word) => !bought.has(word));
}
