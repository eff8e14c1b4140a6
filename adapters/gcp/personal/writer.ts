import { LISTS } from "../../../contracts/datastore.ts";
import { LISTS_DATABASE } from "../../../contracts/google-names.ts";
import type { ListWriter } from "../../../day/personal-lists.ts";
import { datastore, type Place } from "../clients.ts";
import { deleteKeys } from "./delete-keys.ts";
import { entityOfList, keyOf } from "./entities.ts";

/** Deadline of one batch, in milliseconds. */
const WRITING_MS = 30_000;

/** Writes lists that a night has computed to Datastore, a batch in one call. */
export async function openDatastoreWriter(place: Place): Promise<ListWriter> {
  const client = await datastore(place, { databaseId: LISTS_DATABASE });
  return {
    async putAll(lists, expiresAt) {
      const entities = lists.map(({ key, list }) => entityOfList(client, key, list, expiresAt));
      await client.save(entities, { timeout: WRITING_MS });
    },
    deleteAll: (keys) =>
      deleteKeys(
        client,
        keys.map((key) => keyOf(client, LISTS.list, key)),
        WRITING_MS,
      ),
    close: async () => {},
  };
}
