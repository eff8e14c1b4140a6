import { KeyList } from "../../contracts/key-list.ts";
import { paths } from "../../contracts/layout.ts";
import { changeDocument, readDocument } from "./document.ts";
import type { Objects } from "./objects.ts";

const NONE: KeyList = { keys: {} };

/** The keys of a shop's clients. A missing list has none. */
export async function readKeys(objects: Objects, shop: string): Promise<KeyList> {
  return (await readDocument(objects, paths.keys(shop), KeyList))?.value ?? NONE;
}

/**
 * Changes the list of keys.
 * @throws any error of `edit`.
 */
export function changeKeys(
  objects: Objects,
  shop: string,
  edit: (keys: KeyList["keys"]) => KeyList["keys"],
): Promise<KeyList> {
  return changeDocument(objects, paths.keys(shop), KeyList, (list) => ({ keys: edit((list ?? NONE).keys) }));
}
