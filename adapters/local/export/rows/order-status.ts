import type { Settings } from "../../../../contracts/settings/settings.ts";
import { literal } from "../../duckdb.ts";

/** Order statuses that say that nothing was bought, in any shop. */
const CANCELLED = [
  ..."cancelled canceled refunded failed voided expired declined rejected returned trash fraud".split(" "),
  ..."draft checkout-draft auto-draft payment_error".split(" "),
  "payment error",
];

/** SQL: true for an order that came to nothing. WooCommerce's tables begin a status with `wc-`. */
export function isCancelled(
  status: string,
  { orderStatuses }: Pick<Settings, "orderStatuses">,
  more: readonly string[] = [],
): string {
  const own = (meaning: string) =>
    Object.keys(orderStatuses).flatMap((name) =>
      orderStatuses[name] === meaning ? [name.trim().toLowerCase()] : [],
    );
  const bought = new Set(own("bought"));
  const words = new Set([...CANCELLED, ...more, ...own("cancelled")].filter((word) => !bought.has(word)));
  const list = [...words].map(literal).join(", ");
  return `coalesce(regexp_replace(lower(trim(${status})), '^wc-', '') IN (${list}), false)`;
}
