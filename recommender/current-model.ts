import { createRecommender, type Answer, type AnswerOptions, type Query } from "../core/answer.ts";
import type { Snapshot } from "../core/snapshot/decode.ts";
import type { Objects } from "../night/objects.ts";
import { readPointer } from "../night/pointer.ts";
import { readSnapshot } from "../night/snapshot.ts";

/** A model in memory, ready to answer. */
export interface LoadedModel {
  name: string;
  snapshot: Snapshot;
  recommend: (query: Query) => Answer;
}

/** The model that requests are answered from. It is replaced between two requests, never during one. */
export interface CurrentModel {
  get(): LoadedModel | null;
  /**
   * Looks at the pointer, and loads what it names if that is not in memory yet. Returns whether the model changed.
   * @throws Problem, once for each model, when it cannot be loaded: the old one goes on answering, or at the start the
   *   one before it.
   */
  refresh(): Promise<boolean>;
}

/** Follows a shop's pointer. */
export function followPointer(objects: Objects, shop: string, options: AnswerOptions): CurrentModel {
  let current: LoadedModel | null = null;
  let refused: string | null = null;

  async function load(name: string): Promise<LoadedModel> {
    const snapshot = await readSnapshot(objects, shop, name);
    return { name, snapshot, recommend: createRecommender(snapshot, name, options) };
  }

  return {
    get: () => current,
    async refresh() {
      const pointer = (await readPointer(objects, shop))?.value;
      if (!pointer || pointer.model === current?.name || pointer.model === refused) return false;
      try {
        current = await load(pointer.model);
        return true;
      } catch (error) {
        refused = pointer.model;
        if (!current && pointer.previous) current = await load(pointer.previous).catch(() => null);
        throw error;
      }
    },
  };
}
