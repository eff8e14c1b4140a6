import { nearestIds } from "../adapters/local/nearest-ids.ts";
import { Problem } from "../contracts/problem.ts";
import type { Snapshot } from "../core/model/decode.ts";
import type { Objects } from "../night/state/objects.ts";
import { requirePointer } from "../night/state/pointer.ts";
import { readSnapshot } from "../night/state/snapshot.ts";

/**
 * Looks whether the current model has these items. Who recalls a product must hear of a typing
 * error now, and not from a customer.
 * @throws Problem that names the nearest ids, or says that there is no model.
 */
export async function requireKnown(objects: Objects, shop: string, items: readonly string[]): Promise<void> {
  const doing = `Taking items down in ${shop}`;
  const anyway = "--unknown takes them down all the same";
  const model = await currentModel(objects, shop).catch((cause: unknown) => {
    if (!(cause instanceof Problem)) throw cause;
    throw new Problem({ doing, why: `its model cannot be asked: ${cause.message}`, next: anyway, cause });
  });
  const unknown = items.filter((item) => model.find(item) < 0);
  if (unknown.length === 0) return;
  const ids = Array.from({ length: model.items }, (_, row) => model.idOf(row));
  const nearest = await nearestIds(ids, unknown);
  const why = unknown.map((id, k) => {
    const near = nearest[k].map((id) => JSON.stringify(id)).join(", ");
    return `its model has no item ${JSON.stringify(id)}; the nearest are ${near}`;
  });
  const next = `nothing was taken down: correct the ids. Items that are not in the model yet: ${anyway}`;
  throw new Problem({ doing, why: why.join("; "), next });
}

async function currentModel(objects: Objects, shop: string): Promise<Snapshot> {
  const { value } = await requirePointer(objects, shop);
  return readSnapshot(objects, shop, value.model);
}
