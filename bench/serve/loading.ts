/** Reads and checks a model as the recommender does, once, in a fresh process. */
import { join } from "node:path";
import type { fileObjects } from "../../adapters/storage/files.ts";
import type { snapshotStore } from "../../recommender/model/snapshot-store.ts";
import { MODELS, SHOP } from "./made-shop.ts";

export interface Loading {
  ms: number;
}

const [compiled, folder] = process.argv.slice(2);
const files = (await import(join(compiled, "../adapters/local/files.js"))) as {
  fileObjects: typeof fileObjects;
};
const { snapshotStore: storeOf } = (await import(join(compiled, "snapshot-store.js"))) as {
  snapshotStore: typeof snapshotStore;
};
const weights = { view_item: 0.5, add_to_cart: 2, purchase: 6 };
const options = { queryWeights: weights, togetherWeights: weights, includeInput: false };
const store = storeOf(files.fileObjects(folder), SHOP, options);
const startedAt = performance.now();
await store.load(MODELS[0]);
process.send!({ ms: performance.now() - startedAt } satisfies Loading);
process.disconnect();
