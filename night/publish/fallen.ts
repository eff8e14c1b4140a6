import type { Hindsight } from "../../contracts/hindsight.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { DID, ENOUGH_USERS, headlineOf, type Headline } from "../state/hindsight.ts";

type Bound = Pick<Settings, "maxFall">;

/** How the warning of a fall begins. */
export const FELL = "recommendations got worse";

/**
 * The gate's objections by what people did on the last day. The new model has seen that day, and is
 * flattered: if it is worse all the same, something is wrong with it.
 */
export function worseThanServing(hindsight: Hindsight, { maxFall }: Bound): string[] {
  const { day, deed, users } = headlineOf(hindsight);
  if (users < ENOUGH_USERS) return [];
  return Object.entries(hindsight.next)
    .filter(([, { mean, standardError }]) => isFall(-mean, standardError, maxFall))
    .map(
      ([table, { mean, standardError }]) =>
        `the new model's table ${table} finds what people ${DID[deed]} on ${day} less often than the serving one's, though it has seen that day: NDCG@10 differs by ${digits(mean)}, with a standard error of ${digits(standardError!)} (maxFall)`,
    );
}

/** A warning when the quality of what served has fallen since the last day that was looked at. */
export function fallWarnings(now: Headline, before: Headline | undefined, { maxFall }: Bound): string[] {
  if (!before || Math.min(now.users, before.users) < ENOUGH_USERS) return [];
  const [a, b] = [before.main, now.main];
  // Other users are asked each day, so the errors add up.
  const error =
    a.standardError === null || b.standardError === null
      ? null
      : Math.hypot(a.standardError, b.standardError);
  if (!isFall(a.ndcg10 - b.ndcg10, error, maxFall)) return [];
  const text = ({ day, model, main }: Headline) =>
    `${digits(main.ndcg10)} ± ${digits(main.standardError!)} on ${day} (model ${model})`;
  return [
    `${FELL} at finding what people ${DID[now.deed]}: NDCG@10 was ${text(before)}, and is ${text(now)}. docs/OPERATIONS.md, "Recommendations got worse", says where to look`,
  ];
}

const isFall = (fall: number, standardError: number | null, maxFall: number) =>
  maxFall > 0 && standardError !== null && fall > 0 && fall > maxFall * standardError;

const digits = (value: number) => value.toFixed(4);
