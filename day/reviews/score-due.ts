import { longestWorkMs } from "../compute-list.ts";
import { scoreReview, type Scoring, type ScoringOutcome } from "./score-review.ts";
import type { ReviewTask } from "./review-store.ts";

/** Whose reviews are to be scored: an item's, or all of a shop that are due. */
export interface Due {
  shop: string;
  item?: string;
}

/** After so long nobody takes more on. */
export const LONGEST_SWEEP_MS = 240_000;

/** After these the review waits for another look. */
const WAITS: readonly ScoringOutcome[] = ["postponed", "faulty", "refused"];

/** What became of reviews, by outcome. */
export interface Swept {
  outcomes: Partial<Record<ScoringOutcome, number>>;
  /** True if some of them wait, or time was up: another look is needed. */
  isUnfinished: boolean;
}

export interface Sweep extends Scoring {
  atOnce: number;
  /** Is told of each. */
  done(task: ReviewTask, outcome: ScoringOutcome): void;
}

/**
 * Scores reviews that are due, those of an item one after the other, until there are none.
 * @throws the error of the store
 */
export async function scoreDue(due: Due, sweep: Sweep): Promise<Swept> {
  const { tasks, bounds, now, atOnce } = sweep;
  const until = now() + LONGEST_SWEEP_MS;
  const outcomes: Swept["outcomes"] = {};
  let isWaiting = false;
  while (now() < until) {
    const taken = await tasks.take(due, atOnce, now(), now() + longestWorkMs(bounds));
    if (taken.length === 0) return { outcomes, isUnfinished: isWaiting };
    const results = await Promise.allSettled(taken.map(scored));
    for (const result of results) {
      if (result.status === "rejected") throw result.reason;
      outcomes[result.value] = (outcomes[result.value] ?? 0) + 1;
      isWaiting ||= WAITS.includes(result.value);
    }
    // Nobody calls the service for a while, and these are due at once: they would come for ever.
    if (outcomes.refused) break;
  }
  return { outcomes, isUnfinished: true };

  async function scored(task: ReviewTask): Promise<ScoringOutcome> {
    const outcome = await scoreReview(task, sweep);
    sweep.done(task, outcome);
    return outcome;
  }
}
