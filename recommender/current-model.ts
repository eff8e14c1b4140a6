import type { Answer, Query } from "../core/answer.ts";
import type { Objects } from "../night/objects.ts";
import { readPointer } from "../night/pointer.ts";
import { readBlockList } from "../night/takedown.ts";
import type { Store } from "./store.ts";

/** A model that is ready to answer. */
export interface LoadedModel {
  name: string;
  recommend: (query: Query) => Answer | Promise<Answer>;
  /** An item's name, where the store has it at hand. */
  nameOf: (item: string) => string | null;
}

/** The model that requests are answered from. It is replaced between two requests, never during one. */
export interface CurrentModel {
  get(): LoadedModel | null;
  /**
   * Reads the block list and the pointer, and loads the model that the pointer names, if it is another one. What cannot
   * be read or loaded stays as it was; at the start the model before the current one answers then. It never throws.
   */
  refresh(): Promise<Refreshed>;
}

/** What a look has brought, for the log: what is new, in words, and what failed. */
export interface Refreshed {
  news: string[];
  problems: unknown[];
}

/** A model that cannot be loaded is tried again after so long, and then after twice as long each time, up to the limit. */
const FIRST_RETRY_MS = 5_000;
const LAST_RETRY_MS = 600_000;

/** Follows a shop's pointer and its block list. */
export function followPointer(objects: Objects, shop: string, store: Store): CurrentModel {
  let current: LoadedModel | null = null;
  let blocked: ReadonlySet<string> = new Set();
  let refused: { model: string; wait: number; until: number } | null = null;

  async function load(name: string): Promise<LoadedModel> {
    const { recommend, nameOf } = await store.load(name);
    return { name, nameOf, recommend: (query) => recommend(query, blocked) };
  }

  async function followBlockList(): Promise<string[]> {
    const items = Object.keys((await readBlockList(objects, shop)).items);
    const isSame = items.length === blocked.size && items.every((item) => blocked.has(item));
    if (isSame) return [];
    blocked = new Set(items);
    return [`the block list has changed: ${items.length} items are not recommended`];
  }

  async function followModel(): Promise<string[]> {
    const pointer = (await readPointer(objects, shop))?.value;
    if (!pointer || pointer.model === current?.name) return [];
    const failedBefore = refused?.model === pointer.model ? refused : null;
    if (failedBefore && Date.now() < failedBefore.until) return [];
    try {
      current = await load(pointer.model);
      refused = null;
      return ["a new model answers"];
    } catch (error) {
      const wait = failedBefore ? Math.min(2 * failedBefore.wait, LAST_RETRY_MS) : FIRST_RETRY_MS;
      refused = { model: pointer.model, wait, until: Date.now() + wait };
      if (!current && pointer.previous) current = await load(pointer.previous).catch(() => null);
      throw error;
    }
  }

  return {
    get: () => current,
    async refresh() {
      const looks = await Promise.allSettled([followBlockList(), followModel()]);
      const trouble = store.trouble();
      return {
        news: looks.flatMap((look) => (look.status === "fulfilled" ? look.value : [])),
        problems: [
          ...looks.flatMap((look) => (look.status === "rejected" ? [look.reason as unknown] : [])),
          ...(trouble ? [trouble] : []),
        ],
      };
    },
  };
}
