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
  /** Looks at the pointer, and loads what it names if that is not in memory yet. Returns whether the model changed. */
  refresh(): Promise<boolean>;
}

/** Follows a shop's pointer. A model that cannot be loaded is refused (`refresh` throws): the old one goes on answering. */
export function followPointer(objects: Objects, shop: string, options: AnswerOptions): CurrentModel {
  let current: LoadedModel | null = null;
  return {
    get: () => current,
    async refresh() {
      const pointer = await readPointer(objects, shop);
      if (!pointer || pointer.value.model === current?.name) return false;
      const name = pointer.value.model;
      const snapshot = await readSnapshot(objects, shop, name);
      current = { name, snapshot, recommend: createRecommender(snapshot, name, options) };
      return true;
    },
  };
}
