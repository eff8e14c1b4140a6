import { existsSync } from "node:fs";
import { join } from "node:path";
import { LISTS_DATABASE } from "../../contracts/google-names.ts";
import { paths } from "../../contracts/layout.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { bucketOf } from "../storage/choose.ts";
import type { UserLists } from "./personal-lists.ts";

/** Nobody's request waits for lists here. */
const OPTIONS = { cacheMs: 10_000, failed: () => {} };

/** The lists of users; null where nothing has ever kept lists. */
export async function openLists(
  settings: Settings,
): Promise<{ lists: UserLists; close?(): Promise<void> } | null> {
  const { data } = settings;
  if (bucketOf(data) !== undefined) return { lists: await listsInDatastore(settings) };
  if (!existsSync(join(data, paths.personal))) return null;
  const { openLocalStore } = await import("../local/personal/store.ts");
  const store = openLocalStore(data, { ...OPTIONS, most: 0, atOnce: 0, leaseMs: 0 });
  const { tasksOf, close } = store;
  return { lists: { ...store.lists, tasksOf }, close };
}

/**
 * The database is asked whatever the settings say. A deployment alone knows whether there is a
 * Personalizer, and lists outlive it for a while.
 */
async function listsInDatastore(settings: Settings): Promise<UserLists> {
  const [{ openDatastoreLists }, { askDatabase }] = await Promise.all([
    import("../gcp/personal/lists.ts"),
    import("./ask-database.ts"),
  ]);
  const lists = await openDatastoreLists(settings, OPTIONS);
  const ask = <T>(shop: string, call: () => Promise<T>) => askDatabase(LISTS_DATABASE, shop, call);
  return {
    listsOf: async (shop, user, now) => (await ask(shop, () => lists.listsOf(shop, user, now))) ?? [],
    forget: async (shop, user) => (await ask(shop, () => lists.forget(shop, user))) ?? 0,
  };
}
