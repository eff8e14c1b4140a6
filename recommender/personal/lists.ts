import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyBaseLogger } from "fastify";
import { inTime } from "../../adapters/in-time.ts";
import { Breaker } from "../../day/breaker.ts";
import { computeList, longestWorkMs, type Bounds } from "../../day/compute-list.ts";
import {
  seenOf,
  textOfKey,
  type ListKey,
  type Personalizer,
  type PersonalList,
  type PersonalStore,
  type PersonalTask,
  type UserEvent,
} from "../../day/personal-lists.ts";
import { Retries } from "../../day/retries.ts";
import { PersonalMetrics } from "./personal-metrics.ts";
import { traceOf } from "./trace.ts";

/** Failed calls in a row after which the Personalizer is left alone. */
const FAILURES = 5;
/** Pause between two looks for a list that another instance computes. */
const LOOK_MS = 50;

/** A request for a user's list, of the model that answers now. */
export interface Visit extends ListKey {
  history: UserEvent[];
  traceparent: string;
}

export interface ListsOptions {
  shop: string;
  store: PersonalStore;
  personalizer: Personalizer;
  bounds: Bounds;
  /** Longest wait for a stored list, and then for a fresh one. */
  cacheMs: number;
  waitMs: number;
  breakMs: number;
  currentModel(): string | undefined;
  log: FastifyBaseLogger;
  now?(): number;
}

/** Personal lists of one shop. */
export interface Lists {
  /**
   * The stored list; else null, and it is computed for the next request. It takes no longer than
   * the two waits together, and never throws.
   */
  of(visit: Visit): Promise<PersonalList | null>;
  /** Begins to carry out tasks. */
  start(): void;
  metrics: PersonalMetrics;
  /** The things that do not work now, in words that anybody may see. */
  failing(): string[];
}

export function createLists(options: ListsOptions): Lists {
  const { shop, store, personalizer, bounds, cacheMs, waitMs, breakMs, currentModel, log } = options;
  const { now = Date.now } = options;
  const breaker = new Breaker({ failures: FAILURES, pauseMs: breakMs, now: () => performance.now() });
  const retries = new Retries({ most: bounds.retries, sleep, random: Math.random });
  const metrics = new PersonalMetrics(shop, breaker, () => store.waiting(shop));
  /** Misses that this process has asked to be computed, and who is told when that has happened. */
  const asked = new Map<string, Promise<void>>();
  const finished = new Map<string, () => void>();

  async function find(visit: Visit): Promise<PersonalList | null | undefined> {
    try {
      const list = await inTime(store.lists.get(visit, now()), cacheMs, "the stored list did not come");
      return list && isStillGood(list, visit) ? list : null;
    } catch {
      return undefined;
    }
  }

  /** Asks for a task, once for all who miss the same list. */
  function ask(visit: Visit): Promise<void> {
    const key = textOfKey(visit);
    const before = asked.get(key);
    if (before) return before;
    const computed = request(visit, key)
      // The store tells its own log of failures, once for each outage.
      .catch(() => metrics.tasks.add(["lost"]))
      .finally(() => asked.delete(key));
    asked.set(key, computed);
    return computed;
  }

  /** Resolves when the list may be there. */
  async function request(visit: Visit, key: string): Promise<void> {
    if (!breaker.admits) return metrics.tasks.add(["refused"]);
    const task: PersonalTask = { ...visit, id: randomUUID() };
    const done = new Promise<void>((resolve) => finished.set(key, resolve));
    const over = new AbortController();
    try {
      const at = now();
      if (await store.lists.claim(visit, task.id, at, at + longestWorkMs(bounds))) {
        const outcome = await enqueue(visit, task, at);
        metrics.tasks.add([outcome]);
        if (outcome !== "accepted") return await store.lists.release(visit, task.id);
      }
      if (waitMs > 0) await Promise.race([done, appears(visit, over.signal)]);
    } finally {
      finished.delete(key);
      over.abort();
    }
  }

  async function enqueue(visit: Visit, task: PersonalTask, at: number): Promise<string> {
    // It may have been stored between the first look and the claim.
    const list = await find(visit);
    if (list === undefined) return "lost";
    if (list && !isOld(list, visit)) return "superseded";
    return (await store.tasks.enqueue(task, at)) ? "accepted" : "dropped";
  }

  /** Resolves when another instance has stored the list, or nobody waits for it any more. */
  async function appears(visit: Visit, over: AbortSignal): Promise<void> {
    for (const endsAt = performance.now() + waitMs; performance.now() < endsAt && !over.aborted;) {
      await sleep(LOOK_MS, null, { ref: false });
      if (await find(visit)) return;
    }
  }

  async function carryOut(task: PersonalTask): Promise<void> {
    const own = log.child({ trace: traceOf(task.traceparent), model: task.model });
    const startedAt = performance.now();
    const tools = { lists: store.lists, personalizer, breaker, retries, bounds, now, currentModel };
    const called = (status: string) => metrics.calls.add([status]);
    const retrying = () => metrics.retries.add([]);
    const tookMs = () => Math.round(performance.now() - startedAt);
    try {
      const outcome = await computeList(task, { ...tools, called, retrying });
      metrics.tasks.add([outcome]);
      own.info({ outcome, ms: tookMs() }, "a personal list");
    } catch (error) {
      metrics.tasks.add(["failed"]);
      const { status, message } = error as { status?: string; message: string };
      own.warn({ outcome: "failed", status, why: message, ms: tookMs() }, "a personal list");
    }
    finished.get(textOfKey(task))?.();
  }

  return {
    async of(visit) {
      const endsAt = performance.now() + cacheMs + waitMs;
      const list = await find(visit);
      metrics.lookups.add([outcomeOf(list)]);
      // An old list is better than none. The next request gets the new one.
      if (list && isOld(list, visit)) void ask(visit);
      if (list) return list;
      // Also where the stored lists were only slow: a claim has more patience.
      const computed = ask(visit);
      if (waitMs === 0) return null;
      await inTime(computed, endsAt - performance.now(), "no fresh list yet").catch(() => {});
      const left = endsAt - performance.now();
      if (left <= 0) return null;
      return inTime(find(visit), left, "").then(
        (fresh) => fresh ?? null,
        () => null,
      );
    },
    start: () => store.work(shop, carryOut),
    metrics,
    failing: () => [...store.failing(), ...(breaker.state === "closed" ? [] : ["the Personalizer"])],
  };
}

/** That somebody was not known says nothing once a request tells what they did. */
const isStillGood = ({ from }: PersonalList, { history }: Visit) =>
  from !== "nothing" || history.length === 0;

/** The visitor has done more since, or other things. A list from the model knows more than that. */
const isOld = ({ from, seen }: PersonalList, { history }: Visit) =>
  from === "request" && history.length > 0 && seen !== seenOf(history);

function outcomeOf(list: PersonalList | null | undefined): string {
  if (list === undefined) return "failed";
  if (list === null) return "miss";
  return list.from === "nothing" || list.from === "refused" ? "unknown user" : "hit";
}
