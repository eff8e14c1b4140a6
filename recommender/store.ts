import type { Settings } from "../contracts/settings.ts";
import type { Answer, Query } from "../core/answer.ts";
import type { Objects } from "../night/objects.ts";
import { datastoreStore } from "./datastore-store.ts";
import { snapshotStore } from "./snapshot-store.ts";

/** A model that is ready to answer. */
export interface StoredModel {
  /** Answers from this model alone, without the blocked items. */
  recommend(query: Query, blocked: ReadonlySet<string>): Answer | Promise<Answer>;
  /** An item's name, where the store has it at hand. */
  nameOf(item: string): string | null;
}

/** Where neighbours are looked up. */
export interface Store {
  /**
   * Makes a model ready to answer.
   * @throws when it is missing, damaged or cannot be reached.
   */
  load(model: string): Promise<StoredModel>;
  /** What went wrong since the last call without failing a request; null: nothing. */
  trouble(): Error | null;
}

/**
 * The store that the settings name.
 * @throws Problem when a setting that it needs is missing.
 */
export async function openStore(settings: Settings, objects: Objects): Promise<Store> {
  if (settings.store === "snapshot") return snapshotStore(objects, settings.shop, settings);
  const { openDatastore } = await import("../adapters/gcp/datastore.ts");
  return datastoreStore(await openDatastore(settings, settings.shop), settings, settings.lookupMs);
}
