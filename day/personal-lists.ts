import type { EventName } from "../contracts/interactions.ts";
import { murmur3 } from "../core/text/hash.ts";
import type { CallOptions } from "./calls.ts";

/** Whose list, of which model. An empty scope stands for the whole shop. */
export interface ListKey {
  shop: string;
  model: string;
  scope: string;
  user: string;
}

/** The key as one text, which no other key has. */
export const textOfKey = ({ shop, model, scope, user }: ListKey) =>
  JSON.stringify([shop, model, scope, user]);

/** One result: its score is 0 to 1, beside the best; `because` has at most three items. */
export interface PersonalItem {
  item: string;
  score: number;
  because: string[];
}

/** What is stored for a key. */
export interface PersonalList {
  /** The model that made it: the Personalizer may follow the pointer sooner or later. */
  model: string;
  /**
   * What the list was made from: the user's history in the model, or what a request said. Nothing,
   * where neither was there; `refused`, where there can be no list.
   */
  from: "model" | "request" | "nothing" | "refused";
  /** Of a list from a request: `seenOf` the history that it was made from. */
  seen?: string;
  /** Best first. */
  results: PersonalItem[];
}

/** A list that comes from what the model knows of its user. */
export const listOfModel = ({ model, results }: Pick<PersonalList, "model" | "results">): PersonalList => ({
  model,
  from: "model",
  results,
});

/** A list, and where it is stored. */
export interface StoredList {
  key: ListKey;
  list: PersonalList;
}

/** A user's events of one kind with one item. */
export interface UserEvent {
  item: string;
  event: EventName;
}

/** Tells two histories apart: the events in their order. */
export const seenOf = (history: readonly UserEvent[]): string =>
  murmur3(JSON.stringify(history.map(({ item, event }) => [item, event]))).toString(36);

/** A list that is to be computed. */
export interface PersonalTask extends ListKey {
  /** Unique: it holds the claim. */
  id: string;
  /** What the request said that the user did. */
  history: UserEvent[];
  /** Of the request that asked first: W3C traceparent. */
  traceparent: string;
}

/**
 * The port to stored lists. All calls take the time in milliseconds, and throw when the store fails
 * or does not answer in time.
 */
export interface PersonalLists {
  /** Null: there is none, or it has expired. */
  get(key: ListKey, now: number): Promise<PersonalList | null>;
  /** Claims the right to compute a list, of all instances. False while a claim has not expired. */
  claim(key: ListKey, holder: string, now: number, until: number): Promise<boolean>;
  /**
   * Goes on with a claim. False, if it is no longer the holder's: it was given back, taken over or
   * forgotten. One that has expired is still theirs while nobody takes it over.
   */
  renew(key: ListKey, holder: string, until: number): Promise<boolean>;
  /**
   * Stores what the holder of the claim has computed, and gives the claim back. False, and nothing
   * is stored, if it is no longer theirs.
   */
  put(key: ListKey, holder: string, list: PersonalList, expiresAt: number): Promise<boolean>;
  /** Does nothing for another than the holder. */
  release(key: ListKey, holder: string): Promise<void>;
  /** All lists of a user, by scope and model. */
  listsOf(shop: string, user: string, now: number): Promise<KeptList[]>;
  /**
   * Deletes all that is kept of a user: lists, claims and, where they lie in the same store, tasks.
   * Work that is under way or waits elsewhere stores nothing any more. What the user does later
   * makes new lists.
   * @returns the number of lists, and of tasks where they lie beside them
   */
  forget(shop: string, user: string): Promise<number>;
}

/** A list, and what it is for. */
export interface KeptList extends Pick<ListKey, "model" | "scope"> {
  list: PersonalList;
}

/** The port for many lists at once, which a night has computed. */
export interface ListWriter {
  /** @throws when they are not all stored; then some may be. */
  putAll(lists: readonly StoredList[], expiresAt: number): Promise<void>;
  deleteAll(keys: readonly ListKey[]): Promise<void>;
  close(): Promise<void>;
}

/** The port to tasks. An accepted task is carried out at least once, also after a restart. */
export interface PersonalTasks {
  /** A task for a key that has one waiting is not added again. False: too many are waiting. */
  enqueue(task: PersonalTask, now: number): Promise<boolean>;
}

/** Tasks that wait or are at work, and since when the oldest does. */
export interface Waiting {
  tasks: number;
  oldestAt: number;
}

/** Lists and tasks of all shops. */
export interface PersonalStore {
  lists: PersonalLists;
  tasks: PersonalTasks;
  /** Has this process carry out tasks of a shop. It never throws. */
  work(shop: string, carryOut: (task: PersonalTask) => Promise<void>): void;
  /** As of the last look; null: unknown. Where shops share the queue, all that waits in it. */
  waiting(shop: string): Waiting | null;
  sharesQueue: boolean;
  /** The things that do not work now, in words that anybody may see. */
  failing(): string[];
  close(): Promise<void>;
}

/** A call of the Personalizer. */
export interface PersonalCall {
  shop: string;
  user: string;
  scope: string;
  n: number;
  history: readonly UserEvent[];
}

/** The port to the Personalizer. */
export interface Personalizer {
  /** @throws CallFailed */
  recommend(call: PersonalCall, options: CallOptions): Promise<Pick<PersonalList, "model" | "results">>;
  close(): void;
}
