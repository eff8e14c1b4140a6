import { paths } from "../../contracts/layout.ts";
import { BlockList, Pointer } from "../../contracts/manifest.ts";
import { Problem } from "../../contracts/problem.ts";
import { changeDocument, readDocument, swapDocument } from "./document.ts";
import { GenerationConflict, type Objects } from "./objects.ts";

const NONE: BlockList = { items: {} };

/**
 * The items that are never recommended. Before the first model a missing list is empty.
 * @throws Problem when it cannot be read, or is missing where the pointer says that it is there.
 */
export async function readBlockList(objects: Objects, shop: string): Promise<BlockList> {
  const list = await readDocument(objects, paths.blockList(shop), BlockList);
  if (list) return list.value;
  const pointer = await readDocument(objects, paths.pointer(shop), Pointer);
  if (pointer?.value.hasBlockList) throw missing(shop);
  return NONE;
}

/** Makes an empty list, where there is none. */
export async function makeBlockList(objects: Objects, shop: string): Promise<void> {
  const path = paths.blockList(shop);
  if (await objects.get(path)) return;
  const none = { path, value: NONE, generation: null };
  await swapDocument(objects, none, NONE).catch((error: unknown) => {
    // Somebody has just taken something down.
    if (!(error instanceof GenerationConflict)) throw error;
  });
}

function missing(shop: string): Problem {
  const path = paths.blockList(shop);
  return new Problem({
    doing: `Reading the block list of ${shop}`,
    why: `${path} is missing, so nobody knows what is taken down`,
    next: `restore it: the bucket of the pointer keeps earlier versions. Or take down all that must be: steamer takedown <item...> --shop ${shop} --reason <why> makes a new list`,
  });
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
