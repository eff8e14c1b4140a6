import type { FastifyBaseLogger } from "fastify";
import { openPersonalStore } from "../../adapters/personal/choose.ts";
import { bucketOf } from "../../adapters/storage/choose.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import type { Personalizer, PersonalStore } from "../../day/personal-lists.ts";

/** What all shops of a process share for their personal lists. */
export interface Personal {
  store: PersonalStore;
  /** Null: tasks are carried out elsewhere. */
  personalizer: Personalizer | null;
  close(): Promise<void>;
}

/**
 * Null without the Personalizer's address: nothing of it is loaded then. On Google Cloud a function
 * calls the Personalizer.
 * @throws Problem when a setting is missing.
 */
export async function openPersonal(settings: Settings, log: FastifyBaseLogger): Promise<Personal | null> {
  const { data, "personal.address": address, "personal.auth": auth } = settings;
  if (address === undefined) return null;
  const store = await openPersonalStore(settings, (error) =>
    log.error({ err: error }, "personal lists cannot be read, written or asked for"),
  );
  const isElsewhere = bucketOf(data) !== undefined;
  const personalizer = isElsewhere
    ? null
    : (await import("../../adapters/grpc/personalizer-client.ts")).openPersonalizer(address, auth);
  return {
    store,
    personalizer,
    async close() {
      await store.close();
      personalizer?.close();
    },
  };
}
