import { paths } from "../../contracts/layout.ts";
import { BlockList } from "../../contracts/manifest.ts";
import { changeDocument, readDocument } from "./document.ts";
import type { Objects } from "./objects.ts";

const NONE: BlockList = { items: {} };

/** The items that are never recommended. A missing list is empty. */
export async function readBlockList(objects: Objects, shop: string): Promise<BlockList> {
  return (await readDocument(objects, paths.blockList(shop), BlockList))?.value ?? NONE;
}

/** Takes items down. Recommenders read the list with the pointer, so it works within seconds. */
export function takeDown(
  objects: Objects,
  { shop, items, reason, now }: { shop: string; items: string[]; reason: string; now: Date },
): Promise<BlockList> {
  const entry = { since: now.toISOString(), reason };
  return change(objects, shop, (list) => ({
    ...list,
    ...Object.fromEntries(items.map((item) => [item, entry])),
  }));
}

/** Allows items to be recommended again. */
export function putBack(
  objects: Objects,
  { shop, items }: { shop: string; items: string[] },
): Promise<BlockList> {
  return change(objects, shop, (list) =>
    Object.fromEntries(Object.entries(list).filter(([item]) => !items.includes(item))),
  );
}

function change(
  objects: Objects,
  shop: string,
  edit: (items: BlockList["items"]) => BlockList["items"],
): Promise<BlockList> {
  const path = paths.blockList(shop);
  return changeDocument(objects, path, BlockList, (list) => ({ items: edit((list ?? NONE).items) }));
}
