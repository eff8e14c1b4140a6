import { paths } from "../../contracts/layout.ts";
import { StockPointer } from "../../contracts/manifest.ts";
import { Problem } from "../../contracts/problem.ts";
import {
  decodePushedStock,
  encodePushedStock,
  newerThan,
  withSaid,
  type PushedItem,
  type PushedStock,
  type SaidOfItem,
} from "../../core/model/pushed-stock.ts";
import { readDocument, swapDocument } from "./document.ts";
import { madeWith, putFile } from "./model-file.ts";
import { GenerationConflict, type Objects } from "./objects.ts";
import { readPointer } from "./pointer.ts";
import { sha256 } from "./sha256.ts";

type Reading = Pick<Objects, "get">;

/** What names the pushed stock; null before the first push. */
export const readStockPointer = async (objects: Objects, shop: string): Promise<StockPointer | null> =>
  (await readDocument(objects, paths.stock(shop), StockPointer))?.value ?? null;

/** A file of pushed stock that is missing, or is another one than its pointer says. */
class DamagedStock extends Problem {}

/**
 * The pushed stock that a pointer names.
 * @throws Problem when it is missing or damaged.
 */
export async function openStock(
  objects: Reading,
  { file }: StockPointer,
  hash: typeof sha256 = sha256,
): Promise<PushedStock> {
  const damaged = (why: string, cause?: unknown) =>
    new DamagedStock({
      doing: `Reading ${file.path}`,
      why,
      next: "push the catalogue again: steamer catalogue push <file>",
      cause,
    });
  const stored = await objects.get(file.path);
  if (!stored) throw damaged("it is missing");
  if ((await hash(stored.data)) !== file.sha256) throw damaged("it has another checksum");
  try {
    return decodePushedStock(stored.data);
  } catch (cause) {
    throw damaged((cause as Error).message, cause);
  }
}

/**
 * Adds to what was pushed, so that recommenders take it up within seconds. A value that is not said
 * stays as it was. What the current model's own catalogue has overtaken is forgotten. Of two pushes
 * at once none is lost. Where the file of earlier ones is damaged, it begins anew.
 */
export async function pushStock(
  objects: Objects,
  { shop, items, at }: { shop: string; items: ReadonlyMap<string, SaidOfItem>; at: Date },
): Promise<StockPointer> {
  for (;;) {
    const path = paths.stock(shop);
    const document = await readDocument(objects, path, StockPointer);
    const before = document ? await earlierStock(objects, document.value) : [];
    const pushed = new Map(await withoutOvertaken(objects, shop, before));
    for (const [id, said] of items) pushed.set(id, withSaid(pushed.get(id), said, at.getTime()));
    const data = encodePushedStock(pushed);
    const file = await putFile(objects, paths.stockFile(shop, await sha256(data)), data);
    const previous = document?.value.file.path ?? null;
    const value = { file, items: pushed.size, pushedAt: at.toISOString(), previous };
    try {
      await swapDocument(objects, document ?? { path, value, generation: null }, value);
      await forget(objects, document?.value.previous ?? null, value);
      return value;
    } catch (error) {
      // Somebody else pushed too: both count.
      if (!(error instanceof GenerationConflict)) throw error;
    }
  }
}

/** Nothing where the file cannot be read: no push would mend it else. */
async function earlierStock(objects: Objects, pointer: StockPointer): Promise<PushedStock> {
  try {
    return await openStock(objects, pointer);
  } catch (error) {
    if (error instanceof DamagedStock) return [];
    throw error;
  }
}

async function withoutOvertaken(
  objects: Objects,
  shop: string,
  pushed: PushedStock,
): Promise<[string, PushedItem][]> {
  const current = (await readPointer(objects, shop))?.value.model;
  const readAt = current === undefined ? 0 : (await madeWith(objects, shop, current)).readAt;
  return [...pushed].flatMap(([id, item]) => {
    const newer = newerThan(item, readAt);
    return newer ? [[id, newer]] : [];
  });
}

/** Deletes a file that no recommender can be reading any more. */
async function forget(
  objects: Objects,
  path: string | null,
  { file, previous }: StockPointer,
): Promise<void> {
  if (path !== null && path !== file.path && path !== previous) await objects.delete(path);
}
