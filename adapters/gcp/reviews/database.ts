import { setTimeout as sleep } from "node:timers/promises";
import type { Datastore, Key, Query, Transaction } from "@google-cloud/datastore";
import { REVIEWS_DATABASE } from "../../../contracts/google-names.ts";
import { inTime } from "../../in-time.ts";
import { Watched } from "../../watched.ts";
import { datastore, type Place } from "../clients.ts";
import { isCallersFault, statusOf } from "../failures.ts";
import { Lanes } from "./lanes.ts";

/** Pause before a disturbed transaction is tried again; each doubles it, up to the last. */
const [FIRST_PAUSE_MS, LAST_PAUSE_MS] = [20, 1_000];

interface Times {
  /** Longest wait of a call, in milliseconds. */
  patientMs: number;
}

interface Range {
  from: string;
  /** Exclusive. */
  to: string;
}

/** What reads, by itself or within a transaction. */
type Reader = Datastore | Transaction;

export type Database = Awaited<ReturnType<typeof openDatabase>>;

/** Calls of the database of reviews. All throw when it fails, or does not answer in time. */
export async function openDatabase(place: Place, { patientMs }: Times, failed: (error: unknown) => void) {
  const client = await datastore(place, { databaseId: REVIEWS_DATABASE });
  const { PropertyFilter } = await import("@google-cloud/datastore");
  const watched = new Watched(failed, isCallersFault);
  const lanes = new Lanes();
  // The client's deadline does not cover its work before a call, such as finding credentials.
  const bounded = <T>(call: () => Promise<T>): Promise<T> =>
    watched.run(() => inTime(call(), patientMs, `Datastore did not answer within ${patientMs} ms`));
  const gaxOptions = { timeout: patientMs };

  const inRange = (reader: Reader, { shop, kind, property, range }: Among): Query =>
    reader
      .createQuery(shop, kind)
      .filter(new PropertyFilter(property, ">=", range.from))
      .filter(new PropertyFilter(property, "<", range.to));

  async function attempt<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const transaction = client.transaction();
    try {
      // Without this the read begins one: the emulator then holds its lock against our commit.
      await transaction.run({ gaxOptions });
      const result = await work(transaction);
      await transaction.commit(gaxOptions);
      return result;
    } catch (error) {
      await transaction.rollback(gaxOptions).catch(() => {});
      throw error;
    }
  }

  async function untilUndisturbed<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const until = performance.now() + patientMs;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LAST_PAUSE_MS)) {
      try {
        return await attempt(work);
      } catch (error) {
        if (statusOf(error) !== "ABORTED" || performance.now() > until) throw error;
      }
      await sleep(pause * (1 + Math.random()));
    }
  }

  return {
    client,
    isFailing: () => watched.isFailing,
    /** Entities in the order of their keys; undefined where there is none. */
    find: (keys: Key[], reader: Reader = client) =>
      reader === client ? bounded(() => lookUp(client, reader, keys)) : lookUp(client, reader, keys),
    /** Entities whose property is in a range, sorted by it. */
    async among(
      { shop, kind, property, range, most, newest = false }: Among,
      reader: Reader = client,
    ): Promise<unknown[]> {
      const query = inRange(reader, { shop, kind, property, range }).order(property, {
        descending: newest,
      });
      if (most !== undefined) query.limit(most);
      const run = async () => ((await reader.runQuery(query, { gaxOptions })) as unknown[][])[0];
      return reader === client ? bounded(run) : run();
    },
    /** What a query finds, and where another one would go on. */
    part: (query: Query) =>
      bounded(async () => {
        const [found, { endCursor }] = await client.runQuery(query, { gaxOptions });
        return { found: found as unknown[], end: endCursor! };
      }),
    /** How many entities have a property in a range. */
    count: ({ shop, kind, property, range }: Among) =>
      bounded(async () => {
        const query = inRange(client, { shop, kind, property, range });
        const counting = client.createAggregationQuery(query).count("all");
        const [[{ all }]] = (await client.runAggregationQuery(counting, { gaxOptions })) as {
          all: number;
        }[][];
        return all;
      }),
    /**
     * Does all of it or nothing, and again when others disturb it. Who names the same things here
     * comes one after the other, so that one process does not disturb itself.
     */
    change: <T>(names: string[], work: (transaction: Transaction) => Promise<T>): Promise<T> =>
      bounded(() => lanes.run(names, () => untilUndisturbed(work))),
  };
}

interface Among {
  shop: string;
  kind: string;
  property: string;
  range: Range;
  most?: number;
  newest?: boolean;
}

/** Datastore returns entities in any order, and leaves missing ones out. */
async function lookUp(client: Datastore, reader: Reader, keys: Key[]): Promise<unknown[]> {
  const textOf = ({ kind, name }: Key) => `${kind}:${name}`;
  const [found] = (await reader.get(keys)) as [{ [key: symbol]: Key }[]];
  const byKey = new Map(found.map((entity) => [textOf(entity[client.KEY]), entity]));
  return keys.map((key) => byKey.get(textOf(key)));
}
