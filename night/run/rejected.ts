import type { RejectReason } from "../../contracts/interactions.ts";

/** Rejected rows by their reason. */
export type Rejected = Partial<Record<RejectReason, number>>;

/** Adds more rows to a sum. */
export function addRejected(sum: Rejected, more: Rejected): void {
  for (const [reason, n] of Object.entries(more) as [RejectReason, number][])
    sum[reason] = (sum[reason] ?? 0) + n;
}
