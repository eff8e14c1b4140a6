import { createRecommender, type AnswerOptions } from "../core/answer.ts";
import type { Objects } from "../night/objects.ts";
import { readSnapshot } from "../night/snapshot.ts";
import type { Store } from "./store.ts";

/** Models in memory: each is one file, read whole. */
export function snapshotStore(objects: Objects, shop: string, options: AnswerOptions): Store {
  return {
    async load(model) {
      const snapshot = await readSnapshot(objects, shop, model);
      const answer = createRecommender(snapshot, model, options);
      const rowsOf = remembered((ids: ReadonlySet<string>) =>
        ids.size === 0 ? undefined : new Set([...ids].map((id) => snapshot.find(id))),
      );
      return {
        recommend: (query, blocked) => answer(query, rowsOf(blocked)),
        nameOf: (item) => (snapshot.find(item) < 0 ? null : snapshot.nameOf(snapshot.find(item))),
      };
    },
    trouble: () => null,
  };
}

/** Computes again only for another argument than the last one. */
function remembered<A, R>(compute: (argument: A) => R): (argument: A) => R {
  let last: { argument: A; result: R } | null = null;
  return (argument) => {
    if (last?.argument !== argument) last = { argument, result: compute(argument) };
    return last.result;
  };
}
