import { personOfModel } from "../core/personal/person.ts";
import type { PersonalModel } from "../core/personal/personal-model.ts";
import { recommendTo } from "../core/personal/recommend.ts";
import { listOfModel, type ListWriter, type StoredList } from "./personal-lists.ts";
import type { Retries } from "./retries.ts";

/** Lists that are written together, and computed without a pause. */
const BATCH = 20;

/** The lists that are to be computed: one for each user, of the whole shop. */
export interface AheadOrder {
  shop: string;
  /** The name of the model. */
  name: string;
  model: PersonalModel;
  /** Rows of users, the most important first. */
  users: Uint32Array;
  /** Length of a list. */
  results: number;
  /** Rows of items that are taken down. */
  excluded: readonly number[];
  expiresAt: number;
}

export interface AheadWork {
  writer: ListWriter;
  retries: Retries;
  signal: AbortSignal;
  /** False: the time is over. */
  mayGoOn(): boolean;
  progress(stored: number): void;
  /** Lets other work have its turn. */
  pause(): Promise<void>;
}

/**
 * Computes lists as the Personalizer would answer, and stores them. The next ones are computed
 * while the last ones are written; no others are in memory.
 * @returns how many are stored, and the error that it ended with, if there are not all.
 * @throws the signal's reason
 */
export async function computeAhead(
  order: AheadOrder,
  { writer, retries, signal, mayGoOn, progress, pause }: AheadWork,
): Promise<{ stored: number; error?: unknown }> {
  const { users, expiresAt } = order;
  let stored = 0;
  let writing = Promise.resolve();
  const write = async (batch: StoredList[]) => {
    await retries.run(
      () => writer.putAll(batch, expiresAt),
      () => !signal.aborted,
      () => {},
    );
    progress((stored += batch.length));
  };
  try {
    for (let from = 0; from < users.length && mayGoOn(); from += BATCH) {
      const batch = Array.from(users.subarray(from, from + BATCH), (user) => listFor(user, order));
      await writing;
      signal.throwIfAborted();
      writing = write(batch);
      // It is looked at with the next batch.
      writing.catch(() => {});
      await pause();
    }
    await writing;
  } catch (error) {
    signal.throwIfAborted();
    return { stored, error };
  }
  return { stored };
}

function listFor(user: number, { shop, name, model, results, excluded }: AheadOrder): StoredList {
  const made = recommendTo(model, personOfModel(model, user), { n: results, excluded });
  const key = { shop, model: name, scope: "", user: model.users.idOf(user) };
  return { key, list: listOfModel({ model: name, results: made }) };
}
