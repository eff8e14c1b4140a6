import type { Datastore, Key, Query, Transaction } from "@google-cloud/datastore";
import { LISTS } from "../../../contracts/datastore.ts";
import { LISTS_DATABASE } from "../../../contracts/google-names.ts";
import type { ListKey, PersonalLists } from "../../../day/personal-lists.ts";
import { compareUtf8 } from "../../../core/text/order.ts";
import { inTime } from "../../in-time.ts";
import { Watched } from "../../watched.ts";
import { datastore, type Place } from "../clients.ts";
import { isCallersFault, statusOf } from "../failures.ts";
import { deleteKeys } from "./delete-keys.ts";
import { claimOf, entityOfClaim, entityOfList, keptListOf, keyOf, listOf, type Claim } from "./entities.ts";

const PATIENT_MS = 2_000;
/** All of a user's entities, which nobody waits for either. */
const READING_MS = 60_000;
/** What is new, or opens connections, takes longer than a call. */
const OPENING_MS = 10_000;
/** Attempts at a transaction that another one disturbs. */
const ATTEMPTS = 3;

export interface ListsOptions {
  /** Longest wait for a stored list, in milliseconds. */
  cacheMs: number;
  /** Longest wait for all else, for which no request waits. */
  patientMs?: number;
  /** Is told of the first failure of several in a row. */
  failed(error: unknown): void;
}

/**
 * Lists and claims in Datastore, in a database of their own. Expired entities are deleted by a TTL
 * policy, up to some days late: each look compares the time.
 */
export async function openDatastoreLists(place: Place, options: ListsOptions) {
  const { cacheMs, patientMs = PATIENT_MS, failed } = options;
  const client = await datastore(place, { databaseId: LISTS_DATABASE });
  // Looks that are too slow for a request say nothing of calls that have more patience.
  const [looking, working] = [new Watched(failed, isCallersFault), new Watched(failed, isCallersFault)];
  const bounded = <T>(ms: number, call: Call<T>, watched = working): Promise<T> =>
    // The client's deadline does not cover its work before a call, such as finding credentials.
    watched.run(() => inTime(call({ timeout: ms }), ms, `Datastore did not answer within ${ms} ms`));
  const read = (key: Key, ms: number, watched?: Watched) =>
    bounded(ms, async (gaxOptions) => ((await client.get(key, { gaxOptions })) as unknown[])[0], watched);
  const changing = changesOf(client, (call) => bounded(patientMs, call));
  const isHeldBy = (holder: string) => (claim: Claim | null) => claim?.holder === holder;

  const lists: PersonalLists = {
    get: async (key, now) => listOf(await read(keyOf(client, LISTS.list, key), cacheMs, looking), now),

    async claim(key, holder, now, until) {
      const entity = entityOfClaim(client, key, holder, until);
      const isFirst = await bounded(patientMs, (options) => insert(client, entity, options));
      if (isFirst) return true;
      // Of many who come at once, most go away without a transaction.
      const isFree = (claim: Claim | null) => claim === null || claim.expireAt.getTime() <= now;
      if (!isFree(claimOf(await read(entity.key, patientMs)))) return false;
      return changing(key, isFree, (transaction) => transaction.save(entity), 1);
    },

    renew: (key, holder, until) =>
      changing(key, isHeldBy(holder), (transaction) =>
        transaction.save(entityOfClaim(client, key, holder, until)),
      ),

    put: (key, holder, list, expiresAt) =>
      changing(key, isHeldBy(holder), (transaction) => {
        transaction.save(entityOfList(client, key, list, expiresAt));
        transaction.delete(keyOf(client, LISTS.claim, key));
      }),

    async release(key, holder) {
      await changing(key, isHeldBy(holder), (transaction) =>
        transaction.delete(keyOf(client, LISTS.claim, key)),
      );
    },

    async listsOf(shop, user, now) {
      const [found] = await bounded(READING_MS, async () =>
        client.runQuery(await queryOf(client, LISTS.list, shop, user)),
      );
      return found
        .flatMap((entity) => keptListOf(entity, now) ?? [])
        .sort((a, b) => compareUtf8(a.model, b.model) || compareUtf8(a.scope, b.scope));
    },

    async forget(shop, user) {
      // Claims first: without them nothing is stored any more.
      await bounded(READING_MS, () => deleteAll(client, LISTS.claim, shop, user));
      return bounded(READING_MS, () => deleteAll(client, LISTS.list, shop, user));
    },
  };

  return {
    ...lists,
    isFailing: () => looking.isFailing || working.isFailing,
    /** Connects, so that the first request need not wait for it. */
    async connect(): Promise<void> {
      const anybody = { shop: "none", model: "", scope: "", user: "" };
      await read(keyOf(client, LISTS.list, anybody), OPENING_MS).catch(() => {});
    },
  };
}

/** Makes an entity; false if there is one. */
async function insert(
  client: Datastore,
  entity: ReturnType<typeof entityOfClaim>,
  gaxOptions: { timeout: number },
): Promise<boolean> {
  try {
    await client.save({ ...entity, method: "insert" }, gaxOptions);
    return true;
  } catch (error) {
    if (statusOf(error) === "ALREADY_EXISTS") return false;
    throw error;
  }
}

type Call<T> = (gaxOptions: { timeout: number }) => Promise<T>;
type Bounded = <T>(call: Call<T>) => Promise<T>;

/**
 * The function that changes what belongs to a claim, in one transaction, if the claim fits. It
 * answers false if it does not, or others change it all the time.
 */
function changesOf(client: Datastore, bounded: Bounded) {
  return async function changing(
    key: ListKey,
    fits: (claim: Claim | null) => boolean,
    change: (transaction: Transaction) => void,
    attempts = ATTEMPTS,
  ): Promise<boolean> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const outcome = await bounded(once);
      if (outcome !== "disturbed") return outcome === "done";
    }
    return false;

    async function once(gaxOptions: { timeout: number }): Promise<"done" | "misfit" | "disturbed"> {
      const transaction = client.transaction();
      try {
        // Without this the read begins one: the emulator then holds its lock against our commit.
        await transaction.run({ gaxOptions });
        const [entity] = (await transaction.get(keyOf(client, LISTS.claim, key), {
          gaxOptions,
        })) as unknown[];
        if (!fits(claimOf(entity))) {
          // It holds no lock for others to wait for.
          await transaction.rollback(gaxOptions).catch(() => {});
          return "misfit";
        }
        change(transaction);
        await transaction.commit(gaxOptions);
        return "done";
      } catch (error) {
        if (statusOf(error) === "ABORTED") return "disturbed";
        throw error;
      }
    }
  };
}

async function queryOf(client: Datastore, kind: string, shop: string, user: string): Promise<Query> {
  const { PropertyFilter } = await import("@google-cloud/datastore");
  return client.createQuery(shop, kind).filter(new PropertyFilter("user", "=", user));
}

/** The number of entities. */
async function deleteAll(client: Datastore, kind: string, shop: string, user: string): Promise<number> {
  const query = (await queryOf(client, kind, shop, user)).select("__key__");
  const found = (await client.runQuery(query))[0] as { [key: symbol]: Key }[];
  const keys = found.map((entity) => entity[client.KEY]);
  await deleteKeys(client, keys);
  return keys.length;
}
