import { KeyList } from "../contracts/keys.ts";
import { paths } from "../contracts/manifest.ts";
import { readDocument, swapDocument } from "./document.ts";
import { GenerationConflict, type Objects } from "./objects.ts";

const NONE: KeyList = { keys: {} };

/** Who may ask a shop's recommender; nobody where there is no list. */
export async function readKeys(objects: Objects, shop: string): Promise<KeyList> {
  return (await readDocument(objects, paths.keys(shop), KeyList))?.value ?? NONE;
}

/**
 * Changes the list of keys: one swap, so that nothing that somebody else changes at the same time is lost.
 * @throws whatever `edit` throws.
 */
export async function changeKeys(
  objects: Objects,
  shop: string,
  edit: (keys: KeyList["keys"]) => KeyList["keys"],
): Promise<KeyList> {
  const path = paths.keys(shop);
  for (;;) {
    const document = await readDocument(objects, path, KeyList);
    const next = { keys: edit(document?.value.keys ?? {}) };
    try {
      return (await swapDocument(objects, document ?? { path, value: NONE, generation: null }, next)).value;
    } catch (error) {
      if (!(error instanceof GenerationConflict)) throw error;
    }
  }
}
