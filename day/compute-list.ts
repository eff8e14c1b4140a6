import type { Settings } from "../contracts/settings/settings.ts";
import { answerIn, guarded, type CallFailed, type Guard } from "./calls.ts";
import {
  listOfModel,
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
  /** Another instance computes it, or has done so; or the user was forgotten. */
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

export const boundsOf = (
  settings: Pick<
    Settings,
    "personal.results" | "personal.ttlSeconds" | "personal.callMs" | "personal.retries"
  >,
): Bounds => ({
  results: settings["personal.results"],
  ttlMs: settings["personal.ttlSeconds"] * 1000,
  callMs: settings["personal.callMs"],
  retries: settings["personal.retries"],
});

/**
 * Longest time for what a retry may mend: no list for a scope that the Personalizer does not know
 * yet, or a list of another model than the current one.
 */
const SHORT_TTL_MS = 60_000;
/** Time for what the store does, beside calls and pauses: three times its patience, and more. */
const STORING_MS = 10_000;

/** The longest that a task is at work: a user whom the model does not know is asked for twice. */
export const longestWorkMs = ({ callMs, retries }: Pick<Bounds, "callMs" | "retries">) =>
  2 * ((1 + retries) * callMs + longestPauses(retries)) + STORING_MS;

/** What computes a list. */
export interface Computing extends Guard {
  lists: PersonalLists;
  personalizer: Personalizer;
  bounds: Bounds;
  now(): number;
  /** The name of the model that answers now; undefined: none has been loaded yet. */
  currentModel(): string | undefined;
  /** True for an error after which the task will be delivered again: its claim is kept. */
  comesAgain(error: unknown): boolean;
}

/**
 * Computes the list of a task, and stores it. Whoever holds the claim computes; it is given back,
 * unless the task comes again.
 * @throws CallFailed, BreakerOpen, or the error of the store
 */
export async function computeList(
  task: PersonalTask,
  computing: Computing,
): Promise<Exclude<Outcome, "failed" | "refused">> {
  const { lists, bounds, now } = computing;
  const current = computing.currentModel();
  if (current !== undefined && current !== task.model) {
    await lists.release(task, task.id);
    return "outdated";
  }
  if (!(await lists.renew(task, task.id, now() + longestWorkMs(bounds)))) return "superseded";
  try {
    const list = await listOf(task, computing);
    const isShort = list.from === "refused" || list.model !== task.model;
    const ttlMs = isShort ? Math.min(bounds.ttlMs, SHORT_TTL_MS) : bounds.ttlMs;
    if (!(await lists.put(task, task.id, list, now() + ttlMs))) return "superseded";
    return list.from === "nothing" || list.from === "refused" ? "no list" : "stored";
  } catch (error) {
    // Its error would hide this one; the claim expires.
    if (!computing.comesAgain(error)) await lists.release(task, task.id).catch(() => {});
    throw error;
  }
}

/**
 * A known user's list comes from their history in the model, which has more than a visit: a history
 * in the call would replace it. What the visit says is for those whom the model does not know.
 */
async function listOf(task: PersonalTask, computing: Computing): Promise<PersonalList> {
  const none = (from: "nothing" | "refused", model = task.model) => ({ model, from, results: [] });
  try {
    return listOfModel(await ask(task, [], computing));
  } catch (error) {
    const status = answerIn(error);
    if (status === undefined) throw error;
    if (status !== "FAILED_PRECONDITION") return none("refused");
    // Another model than the task's may know them: then it is not kept for long.
    if (task.history.length === 0) return none("nothing", (error as CallFailed).model);
  }
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
