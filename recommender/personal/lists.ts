import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { inTime } from "../../adapters/in-time.ts";
import {
  seenOf,
  textOfKey,
  type ListKey,
  type PersonalList,
  type PersonalStore,
  type PersonalTask,
  type UserEvent,
} from "../../day/personal-lists.ts";
import type { PersonalMetrics } from "./personal-metrics.ts";
import type { Worker } from "./worker.ts";

/** Pauses between two looks for a list that is computed elsewhere: each half as long again. */
const LOOKS = { firstMs: 50, growth: 1.5, lastMs: 500 };

/** A request for a user's list, of the model that answers now. */
export interface Visit extends ListKey {
  history: UserEvent[];
  traceparent: string;
}

export interface ListsOptions {
  shop: string;
  store: PersonalStore;
  /** Null: tasks are carried out elsewhere. */
  worker: Worker | null;
  metrics: PersonalMetrics;
  /** Longest wait for a stored list, and then for a fresh one. */
  cacheMs: number;
  waitMs: number;
  /** The longest that a task is at work. */
  leaseMs: number;
  now?(): number;
}

/** Personal lists of one shop. */
export interface Lists {
  /**
   * The stored list; else null, and it is computed for the next request. It takes no longer than
   * the two waits together, and never throws.
   */
  of(visit: Visit): Promise<PersonalList | null>;
  /** Counts a request of which no list can come: the model has no factors. */
  without(): null;
  /** Begins to carry out tasks. */
  start(): void;
  metrics: PersonalMetrics;
  /** The things that do not work now, in words that anybody may see. */
  failing(): string[];
}

export function createLists(options: ListsOptions): Lists {
  const { shop, store, worker, metrics, cacheMs, waitMs, leaseMs, now = Date.now } = options;
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
    if (worker && !worker.breaker.admits) return metrics.tasks.add(["refused"]);
    const task: PersonalTask = { ...visit, id: randomUUID() };
    const done = new Promise<void>((resolve) => finished.set(key, resolve));
    const over = new AbortController();
    try {
      const at = now();
      if ((await store.lists.claim(visit, task.id, at, at + leaseMs)) && !(await accept(visit, task, at)))
        return;
      if (waitMs > 0) await Promise.race([done, appears(visit, over.signal)]);
    } finally {
      finished.delete(key);
      over.abort();
    }
  }

  /** Hands a task on, or gives its claim back. */
  async function accept(visit: Visit, task: PersonalTask, at: number): Promise<boolean> {
    const outcome = await enqueue(visit, task, at).catch(() => "lost");
    metrics.tasks.add([outcome]);
    if (outcome !== "accepted") await store.lists.release(visit, task.id).catch(() => {});
    return outcome === "accepted";
  }

  async function enqueue(visit: Visit, task: PersonalTask, at: number): Promise<string> {
    // It may have been stored between the first look and the claim.
    const list = await find(visit);
    if (list && !isOld(list, visit)) return "superseded";
    return (await store.tasks.enqueue(task, at)) ? "accepted" : "dropped";
  }

  /** Resolves when another instance has stored the list, or nobody waits for it any more. */
  async function appears(visit: Visit, over: AbortSignal): Promise<void> {
    const endsAt = performance.now() + waitMs;
    for (let pauseMs = LOOKS.firstMs; performance.now() < endsAt && !over.aborted;) {
      await sleep(pauseMs, null, { ref: false });
      if (await find(visit)) return;
      pauseMs = Math.min(pauseMs * LOOKS.growth, LOOKS.lastMs);
    }
  }

  async function carryOut(task: PersonalTask): Promise<void> {
    await worker!.carryOut(task);
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
    without() {
      metrics.lookups.add(["no factors"]);
      return null;
    },
    start() {
      if (worker) store.work(shop, carryOut);
    },
    metrics,
    failing: () => [
      ...store.failing(),
      ...(!worker || worker.breaker.state === "closed" ? [] : ["the Personalizer"]),
    ],
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
