import { join } from "node:path";
import { paths } from "../../../contracts/layout.ts";
import {
  textOfKey,
  type ListWriter,
  type PersonalList,
  type PersonalStore,
  type PersonalTask,
  type Waiting,
} from "../../../day/personal-lists.ts";
import { Crew } from "../sqlite/crew.ts";
import { Desk } from "../sqlite/desk.ts";
import { lookEvery } from "../sqlite/looks.ts";
import type { openTables } from "./tables.ts";

// The extension of the running file tells if this is the source or the build.
const tables = new URL(`./tables${import.meta.url.slice(-3)}`, import.meta.url).href;

/** Pause between two looks for tasks that others have left behind. */
const LOOK_MS = 1_000;
/** Looks between two times that what has expired is forgotten. */
const LOOKS_PER_PURGE = 60;
/** Nobody's request waits for these. */
const PATIENT_MS = 2_000;
/** Nobody at all waits for these. */
const NIGHTLY_MS = 10_000;
/** Finding all of a user reads the whole file. */
const READING_MS = 60_000;

/** The desk tells of failures. What could not be done now is done with the next look. */
const ignore = () => {};

const deskOf = (folder: string, failed: (error: unknown) => void) =>
  new Desk<ReturnType<typeof openTables>>({ file: join(folder, paths.personal), tables }, failed);

/**
 * Opens the same file for lists that a night has computed. A recommender may be at work on it.
 * Lists that have expired are forgotten first: where nobody serves any, nobody else does that.
 */
export function openListWriter(folder: string, now = Date.now): ListWriter {
  const desk = deskOf(folder, ignore);
  let purged: Promise<void> | undefined;
  return {
    async putAll(lists, expiresAt) {
      await (purged ??= desk.ask(NIGHTLY_MS, "purge", now()).catch(ignore));
      const rows = lists.map(({ key, list }) => [textOfKey(key), JSON.stringify(list)] as const);
      await desk.ask(NIGHTLY_MS, "putAll", rows, expiresAt);
    },
    deleteAll: (keys) => desk.ask(NIGHTLY_MS, "deleteAll", keys.map(textOfKey)),
    close: () => desk.close(),
  };
}

/** Null for what no Steamer has written: it is given up, and does not come back. */
function parsed(text: string): PersonalTask | null {
  try {
    return JSON.parse(text) as PersonalTask;
  } catch {
    return null;
  }
}

export interface LocalStoreOptions {
  /** Longest wait for a stored list, in milliseconds. */
  cacheMs: number;
  /** Tasks of a shop that may wait, and be at work in this process. */
  most: number;
  atOnce: number;
  /** After so long a task at work is taken for abandoned. */
  leaseMs: number;
  /** Is told of the first failure of several in a row. */
  failed(error: unknown): void;
  now?(): number;
}

/** A store whose tasks lie beside the lists. */
export interface LocalStore extends PersonalStore {
  /** A user's tasks that wait or are at work, as they are stored. */
  tasksOf(shop: string, user: string): Promise<(PersonalTask | string)[]>;
}

/** Opens lists and tasks of a data folder. The file is opened with the first call. */
export function openLocalStore(folder: string, options: LocalStoreOptions): LocalStore {
  const { cacheMs, most, atOnce, leaseMs, failed, now = Date.now } = options;
  const desk = deskOf(folder, failed);
  const shops = new Map<string, ReturnType<typeof crewOf>>();
  let waiting: Map<string, Waiting> | null = null;
  let looks = 0;
  let isClosed = false;

  const crewOf = (shop: string, carryOut: (task: PersonalTask) => Promise<void>) =>
    new Crew<{ key: string; task: string }>({
      atOnce,
      take: (most) => desk.ask(PATIENT_MS, "take", shop, most, now(), now() + leaseMs),
      async carry({ key, task: text }) {
        const task = parsed(text);
        if (task) await carryOut(task);
        // When it closes it gives the task back: what is done then is done again.
        if (!isClosed) await desk.ask(PATIENT_MS, "finish", key).catch(ignore);
      },
    });

  async function look(): Promise<void> {
    try {
      const state = await desk.ask(PATIENT_MS, "state", now());
      waiting = new Map(state.map((each) => [each.shop, each]));
      for (const { shop, due } of state) if (due > 0) void shops.get(shop)?.wake();
      if (looks++ % LOOKS_PER_PURGE === 0) await desk.ask(PATIENT_MS, "purge", now());
    } catch {
      waiting = null;
    }
  }

  // The first request should not wait for the file to be opened.
  const stopLooking = lookEvery(LOOK_MS, look);

  return {
    lists: {
      async get(key, now) {
        const text = await desk.ask(cacheMs, "get", textOfKey(key), now);
        return text === null ? null : (JSON.parse(text) as PersonalList);
      },
      claim: (key, holder, now, until) => desk.ask(PATIENT_MS, "claim", textOfKey(key), holder, now, until),
      renew: (key, holder, until) => desk.ask(PATIENT_MS, "renew", textOfKey(key), holder, until),
      put: (key, holder, list, expiresAt) =>
        desk.ask(PATIENT_MS, "put", textOfKey(key), holder, JSON.stringify(list), expiresAt),
      release: (key, holder) => desk.ask(PATIENT_MS, "release", textOfKey(key), holder),
      async listsOf(shop, user, now) {
        const rows = await desk.ask(READING_MS, "ofUser", shop, user, now);
        return rows.map(({ key, list }) => {
          const [, model, scope] = JSON.parse(key) as string[];
          return { model, scope, list: JSON.parse(list) as PersonalList };
        });
      },
      forget: (shop, user) => desk.ask(READING_MS, "forget", shop, user),
    },
    tasks: {
      async enqueue(task, now) {
        const text = JSON.stringify(task);
        const isTaken = await desk.ask(PATIENT_MS, "enqueue", textOfKey(task), task.shop, text, now, most);
        void shops.get(task.shop)?.wake();
        return isTaken;
      },
    },
    async tasksOf(shop, user) {
      const texts = await desk.ask(READING_MS, "tasksOf", shop, user);
      return texts.map((text) => parsed(text) ?? text);
    },
    work(shop, carryOut) {
      const crew = crewOf(shop, carryOut);
      shops.set(shop, crew);
      // What waits from before.
      void crew.wake();
    },
    waiting: (shop) => waiting && (waiting.get(shop) ?? { tasks: 0, oldestAt: now() }),
    sharesQueue: false,
    failing: () => (desk.isFailing ? ["personal lists"] : []),
    async close() {
      isClosed = true;
      await stopLooking();
      // Another instance, or the next start, takes them at once.
      const left = (await Promise.all([...shops.values()].map((crew) => crew.close()))).flat();
      const keys = left.map(({ key }) => key);
      if (keys.length > 0) await desk.ask(PATIENT_MS, "giveBack", keys).catch(ignore);
      await desk.close();
    },
  };
}
