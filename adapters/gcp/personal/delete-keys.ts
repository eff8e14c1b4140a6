import type { Datastore, Key } from "@google-cloud/datastore";

/** Datastore's own limit of old, and a request of moderate size. */
const AT_ONCE = 500;

/** Deletes entities, some in each call, which may take so many milliseconds. */
export async function deleteKeys(client: Datastore, keys: readonly Key[], timeout?: number): Promise<void> {
  for (let from = 0; from < keys.length; from += AT_ONCE)
    await client.delete(keys.slice(from, from + AT_ONCE), timeout === undefined ? {} : { timeout });
}
