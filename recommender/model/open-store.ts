import type { Settings } from "../../contracts/settings/settings.ts";
import type { Objects } from "../../night/state/objects.ts";
import { datastoreStore } from "./datastore/datastore-store.ts";
import { snapshotStore } from "./snapshot-store.ts";
import type { Store } from "./store.ts";

/**
 * The store that the settings name.
 * @throws Problem when a setting that it needs is missing.
 */
export async function openStore(settings: Settings, objects: Objects): Promise<Store> {
  const { store, shop, lookupMs } = settings;
  if (store === "snapshot") return snapshotStore(objects, shop, settings);
  const { openDatastore } = await import("../../adapters/gcp/datastore.ts");
  return datastoreStore(await openDatastore(settings, shop), settings, lookupMs);
}
