import { cancelledStatuses, STATUS_PREFIX } from "../../../../contracts/order-status.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import { literal } from "../../duckdb.ts";

/** SQL: true for an order that came to nothing. */
export function isCancelled(
  status: string,
  settings: Pick<Settings, "orderStatuses">,
  more: readonly string[] = [],
): string {
  const list = cancelledStatuses(settings, more).map(literal).join(", ");
  return `coalesce(regexp_replace(lower(trim(${status})), ${literal(STATUS_PREFIX)}, '') IN (${list}), false)`;
}
