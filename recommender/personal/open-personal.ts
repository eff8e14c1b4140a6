import type { FastifyBaseLogger } from "fastify";
import { bucketOf } from "../../adapters/storage/choose.ts";
import { Problem } from "../../contracts/problem.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { boundsOf, longestWorkMs } from "../../day/compute-list.ts";
import type { Personalizer, PersonalStore } from "../../day/personal-lists.ts";

/** What all shops of a process share for their personal lists. */
export interface Personal {
  store: PersonalStore;
  /** Null: tasks are carried out elsewhere. */
  personalizer: Personalizer | null;
  close(): Promise<void>;
}

/**
 * Null without the Personalizer's address: nothing of it is loaded then.
 * @throws Problem when `data` is a bucket.
 */
export async function openPersonal(settings: Settings, log: FastifyBaseLogger): Promise<Personal | null> {
  const { data, "personal.address": address } = settings;
  if (address === undefined) return null;
  if (bucketOf(data) !== undefined) {
    const why = `${data} is a bucket, and personal lists are kept in a data folder only`;
    const next = "leave out personal.address, or name a folder with --data";
    throw new Problem({ doing: "Opening personal recommendations", why, next });
  }
  const [{ openLocalStore }, { openPersonalizer }] = await Promise.all([
    import("../../adapters/local/personal/store.ts"),
    import("../../adapters/grpc/personalizer-client.ts"),
  ]);
  const store = openLocalStore(data, {
    cacheMs: settings["personal.cacheMs"],
    most: settings["personal.queued"],
    atOnce: settings["personal.atOnce"],
    leaseMs: longestWorkMs(boundsOf(settings)),
    failed: (error) => log.error({ err: error }, "personal lists cannot be read or written"),
  });
  const personalizer = openPersonalizer(address);
  return {
    store,
    personalizer,
    async close() {
      await store.close();
      personalizer.close();
    },
  };
}
