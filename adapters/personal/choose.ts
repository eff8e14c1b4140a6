import type { Settings } from "../../contracts/settings/settings.ts";
import { boundsOf, longestWorkMs } from "../../day/compute-list.ts";
import type { PersonalStore } from "../../day/personal-lists.ts";
import { bucketOf } from "../storage/choose.ts";

/**
 * Users' lists: in the data folder, or on Google Cloud where `data` is a bucket.
 * @param failed is told of the first failure of several in a row
 * @throws Problem when a setting is missing.
 */
export async function openPersonalStore(
  settings: Settings,
  failed: (error: unknown) => void,
): Promise<PersonalStore> {
  const options = {
    cacheMs: settings["personal.cacheMs"],
    most: settings["personal.queued"],
    atOnce: settings["personal.atOnce"],
    leaseMs: longestWorkMs(boundsOf(settings)),
    failed,
  };
  if (bucketOf(settings.data) === undefined)
    return (await import("../local/personal/store.ts")).openLocalStore(settings.data, options);
  return (await import("../gcp/personal/store.ts")).openCloudStore(settings, options);
}
