import { BreakerOpen } from "../breaker.ts";
import { CallFailed, guarded, type Guard } from "../calls.ts";
import type { Classification, Classifier } from "../classifier.ts";
import type { ReviewTask, ReviewTasks } from "./review-store.ts";

/** What became of a task. */
export type ScoringOutcome =
  | "scored"
  /** Its lease had ended, or the review had been deleted: somebody else's answer counts. */
  | "superseded"
  /** The service is to blame, or nobody knows: it is tried later. */
  | "postponed"
  /** The text is to blame: it is tried later, a limited number of times. */
  | "faulty"
  | "set aside"
  /** The breaker is open. */
  | "refused";

/** Bounds of the work on one review. */
export interface ScoringBounds {
  /** Deadline of one call. */
  callMs: number;
  retries: number;
  /** Faults of a text after which it is set aside. */
  attempts: number;
}

export interface Scoring extends Guard {
  tasks: ReviewTasks;
  classifier: Classifier;
  bounds: ScoringBounds;
  now(): number;
  /** 0 to 1. */
  random(): number;
}

/** If the service fails on this, no text is to blame. */
const PLAIN_TEXT = "good";
/** These are about the service, whatever the text. */
const OF_THE_SERVICE = [
  "RESOURCE_EXHAUSTED",
  "CANCELLED",
  "NOT_FOUND",
  "FAILED_PRECONDITION",
  "UNIMPLEMENTED",
];
/** Pause after a first failure; each further one doubles it, up to the last. */
const FIRST_PAUSE_MS = 1_000;
const LAST_PAUSE_MS = 60_000;

/**
 * Scores a review. A text that the service refuses is set aside at once. Of other failures nobody
 * can tell if the text or the service is to blame. So a text that has failed is tried again only
 * after the service has answered for a plain one: a failure then counts against the text.
 * @throws the error of the store
 */
export async function scoreReview(task: ReviewTask, scoring: Scoring): Promise<ScoringOutcome> {
  const { tasks, now } = scoring;
  const { tries, faults } = task;
  let isAsked = false;
  try {
    if (tries > 0) await ask(PLAIN_TEXT, task, scoring);
    isAsked = true;
    const scored = await ask(task.text, task, scoring);
    return (await tasks.score(task, rounded(scored))) ? "scored" : "superseded";
  } catch (error) {
    if (error instanceof BreakerOpen) {
      await tasks.postpone(task, now(), { tries, faults });
      return "refused";
    }
    if (!(error instanceof CallFailed)) throw error;
    if (isAsked && error.status === "INVALID_ARGUMENT") return setAside(task, error, scoring);
    const isFaulty = isAsked && tries > 0 && !OF_THE_SERVICE.includes(error.status);
    return later(task, error, isFaulty, scoring);
  }
}

async function later(task: ReviewTask, error: CallFailed, isFaulty: boolean, scoring: Scoring) {
  const { tasks, bounds, now, random } = scoring;
  const faults = task.faults + (isFaulty ? 1 : 0);
  if (faults >= bounds.attempts) return setAside(task, error, scoring);
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** task.tries, LAST_PAUSE_MS);
  const pause = (longest * (1 + random())) / 2;
  await tasks.postpone(task, Math.ceil(now() + pause), { tries: task.tries + 1, faults });
  return isFaulty ? "faulty" : "postponed";
}

/** The reason is the status alone: a message might repeat the text. */
async function setAside(
  task: ReviewTask,
  { status }: CallFailed,
  { tasks }: Scoring,
): Promise<ScoringOutcome> {
  return (await tasks.setAside(task, status)) ? "set aside" : "superseded";
}

function ask(text: string, { traceparent }: ReviewTask, scoring: Scoring): Promise<Classification> {
  const { classifier, bounds } = scoring;
  return guarded(() => classifier.classify(text, { deadlineMs: bounds.callMs, traceparent }), scoring);
}

const millionths = (share: number) => Math.round(share * 1e6) / 1e6;

const rounded = ({ score, sentiment, ...scored }: Classification): Classification => ({
  ...scored,
  score: millionths(score),
  sentiment: millionths(sentiment),
});
