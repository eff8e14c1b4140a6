import { Problem } from "../../contracts/problem.ts";
import type { Cloud } from "../cloud.ts";

/**
 * Looks whether the items' old ids are there, so that no night finds out.
 * @throws Problem when they are not.
 */
export async function checkItemAliases({ gcloud, steamer, journal }: Cloud): Promise<void> {
  const { itemAlias } = steamer;
  if (itemAlias === undefined) return;
  if (!/^gs:\/\/[^/]+\/./.test(itemAlias))
    throw refuse(itemAlias, "it is no object", "set steamer.itemAlias to gs://<bucket>/<path>");
  const text = await gcloud.read("storage", "objects", "describe", itemAlias);
  // A dry run makes no bucket that it could lie in.
  if (text === null && !journal.dryRun)
    throw refuse(itemAlias, "it is not there", "put it there, or correct steamer.itemAlias");
}

const refuse = (itemAlias: string, why: string, next: string) =>
  new Problem({ doing: `Checking the item aliases ${itemAlias}`, why, next });
