import { BreakerOpen } from "./breaker.ts";
import { answerIn, guarded, type Guard } from "./calls.ts";
import {
  type Personalizer,
  type PersonalList,
  type PersonalLists,
  type PersonalTask,
  type UserEvent,
  seenOf,
} from "./personal-lists.ts";
import { longestPauses } from "./retries.ts";

/** What became of a task. */
export type Outcome =
  /** A list was stored; or that there is none for this user. */
  | "stored"
  | "no list"
  /** Another instance computes it, or has done so. */
  | "superseded"
  /** The model is no longer the current one. */
  | "outdated"
  /** The breaker is open. */
  | "refused"
  | "failed";

/** Bounds of the work on one list. */
export interface Bounds {
  /** Length of the list. */
  results: number;
  ttlMs: number;
  /** Deadline of one call. */
  callMs: number;
  retries: number;
}

/**
 * Longest time for what a retry may mend: no list for a scope that the Personalizer does not know
 * yet, or a list of another model than the current one.
 */
const SHORT_TTL_MS = 60_000;
/** Time for what the store does, beside calls and pauses: three times its patience, and more. */
const STORING_MS = 10_000;

/** The longest that a task is at work: a user whom the model does not know is asked for twice. */
export const longestWorkMs = ({ callMs, retries }: Bounds) =>
  2 * ((1 + retries) * callMs + longestPauses(retries)) + STORING_MS;

/** What computes a list. */
export interface Computing extends Guard {
  lists: PersonalLists;
  personalizer: Personalizer;
  bounds: Bounds;
  now(): number;
  /** The name of the model that answers now; undefined: none has been loaded yet. */
  currentModel(): string | undefined;
}

/**
 * Computes the list of a task, and stores it. Whoever holds the claim computes; whatever happens,
 * it is given back.
 * @throws CallFailed, or the error of the store
 */
export async function computeList(
  task: PersonalTask,
  computing: Computing,
): Promise<Exclude<Outcome, "failed">> {
  const { lists, bounds, now } = computing;
  const current = computing.currentModel();
  if (current !== undefined && current !== task.model) {
    await lists.release(task, task.id);
    return "outdated";
  }
  if (!(await lists.claim(task, task.id, now(), now() + longestWorkMs(bounds)))) return "superseded";
  try {
    const list = await listOf(task, computing);
    const isShort = list.from === "refused" || list.model !== task.model;
    const ttlMs = isShort ? Math.min(bounds.ttlMs, SHORT_TTL_MS) : bounds.ttlMs;
    await lists.put(task, list, now() + ttlMs);
    return list.from === "nothing" || list.from === "refused" ? "no list" : "stored";
  } catch (error) {
    if (error instanceof BreakerOpen) return "refused";
    throw error;
  } finally {
    // Its error would hide the one before; the claim expires.
    await lists.release(task, task.id).catch(() => {});
  }
}

/**
 * A known user's list comes from their history in the model, which has more than a visit: a history
 * in the call would replace it. What the visit says is for those whom the model does not know.
 */
async function listOf(task: PersonalTask, computing: Computing): Promise<PersonalList> {
  const none = (from: "nothing" | "refused") => ({ model: task.model, from, results: [] });
  try {
    return { ...(await ask(task, [], computing)), from: "model" };
  } catch (error) {
    const status = answerIn(error);
    if (status === undefined) throw error;
    if (status !== "FAILED_PRECONDITION") return none("refused");
  }
  if (task.history.length === 0) return none("nothing");
  try {
    const answer = await ask(task, task.history, computing);
    return { ...answer, from: "request", seen: seenOf(task.history) };
  } catch (error) {
    if (answerIn(error) === undefined) throw error;
    return none("refused");
  }
}

function ask(task: PersonalTask, history: readonly UserEvent[], computing: Computing) {
  const { personalizer, bounds } = computing;
  const { shop, user, scope, traceparent } = task;
  const call = { shop, user, scope, n: bounds.results, history };
  const options = { deadlineMs: bounds.callMs, traceparent };
  return guarded(() => personalizer.recommend(call, options), computing);
}
