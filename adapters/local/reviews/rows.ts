import type { Review, ReviewTask } from "../../../day/reviews/review-store.ts";
import type { Summand } from "./sums.ts";

/** A row of the table of reviews, see schema.ts. */
export interface ReviewRow extends Summand {
  id: string;
  user: string;
  text: string;
  at: number;
  key: string | null;
  traceparent: string;
  task: string | null;
  lease: string | null;
  tries: number;
  faults: number;
  score: number | null;
  model: string | null;
  truncated: number | null;
}

export function reviewOf(row: ReviewRow): Review {
  const { id, user, item, stars, text, at, label, score, sentiment, model, truncated } = row;
  const scored =
    label === null
      ? null
      : { label, score: score!, sentiment: sentiment! / 1e6, model: model!, truncated: truncated === 1 };
  return { id, user, item, stars, text, at, scored };
}

export function taskOf(row: ReviewRow): ReviewTask {
  const { id, shop, item, text, traceparent, task, tries, faults, lease } = row;
  return { id, shop, item, text, traceparent, isAgain: task === "rescoring", tries, faults, lease: lease! };
}
