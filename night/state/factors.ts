import { decodingItemFactors, decodingUserFactors } from "../../core/factors/decode-factors.ts";
import { ItemFactors } from "../../core/factors/item-factors.ts";
import type { Factors } from "../../core/personal/personal-model.ts";
import { filesOfModel, type ModelFiles } from "./model-file.ts";
import type { Objects } from "./objects.ts";
import { AT_ONCE, type Work } from "./snapshot.ts";

/**
 * Reads a model's factors; undefined when it was made without.
 * @param rows of the model's snapshot
 * @throws Problem when a file is missing, damaged or does not fit.
 */
export async function readFactors(
  objects: Objects,
  shop: string,
  model: string,
  rows: number,
  work: Work = AT_ONCE,
): Promise<Factors | undefined> {
  return openFactors(await filesOfModel(objects, shop, model, (data) => work.sha256(data)), rows, work);
}

/** The same, where the manifest has been read. */
export async function openFactors(
  { loaded, open }: ModelFiles,
  rows: number,
  work: Work,
): Promise<Factors | undefined> {
  if (!loaded.factors) return undefined;
  const items = await open(loaded.factors.items, (data) => work.run(decodingItemFactors(data, rows)));
  const users = await open(loaded.factors.users, (data) => work.run(decodingUserFactors(data, items)));
  const { trainedFor } = items;
  return { items: await work.run(ItemFactors.opening(items, trainedFor)), users, trainedFor };
}
