import { createHash } from "node:crypto";
import { inTime } from "../adapters/in-time.ts";
import { ErasedList, type ErasedUsers } from "../contracts/erased-list.ts";
import { paths } from "../contracts/layout.ts";
import { documentIn } from "../night/state/document.ts";
import { mayHoldErased, type KnownErasures } from "../night/state/erased-list.ts";
import type { Objects, Stored } from "../night/state/objects.ts";
import { REFRESH_MS } from "./following.ts";
import { Followed } from "./looks.ts";

/** Deadline of reading the list, in milliseconds. */
const READ_MS = 5_000;
/**
 * For so long a service may go by what it has read of the list, in milliseconds: one look in two
 * may fail. An erasure waits as long before it removes what a service may have written meanwhile.
 */
export const ERASED_KNOWN_MS = 2 * (REFRESH_MS + READ_MS);

/** The users of a shop that were erased, from the last look that could read the list. */
export class FollowedErasures extends Followed {
  readonly #objects: Pick<Objects, "get">;
  readonly #path: string;
  readonly #now: () => number;
  #users: ErasedUsers = {};
  #isEmpty = false;
  #generation: string | null | undefined;
  /** When the last look began that could read the list. */
  #readAt = -Infinity;

  /** @param now milliseconds from any start, which never go back */
  constructor(objects: Pick<Objects, "get">, shop: string, now = () => performance.now()) {
    super("the list of erased users");
    this.#objects = objects;
    this.#path = paths.erased(shop);
    this.#now = now;
  }

  /** False before a look could read the list, and when the last such look is too long ago. */
  get isKnown(): boolean {
    return this.#now() - this.#readAt <= ERASED_KNOWN_MS;
  }

  /** True for a user of whom a model may hold what was erased. It costs nothing without a list. */
  isErased(user: string, model: KnownErasures): boolean {
    if (this.#isEmpty) return false;
    const erased = this.#users[nameOnList(user)];
    return erased !== undefined && mayHoldErased(erased, model);
  }

  protected async read(): Promise<string[]> {
    const begunAt = this.#now();
    const late = `${this.#path} did not come within ${READ_MS / 1000} s`;
    const stored = await inTime(this.#objects.get(this.#path), READ_MS, late);
    const generation = stored?.generation ?? null;
    // It may be long: it is taken apart only when it has changed.
    const news = generation === this.#generation ? [] : this.#take(stored, generation);
    this.#readAt = begunAt;
    return news;
  }

  #take(stored: Stored | null, generation: string | null): string[] {
    this.#users = stored ? documentIn(this.#path, stored, ErasedList).value.users : {};
    const count = Object.keys(this.#users).length;
    this.#isEmpty = count === 0;
    const isFirst = this.#generation === undefined;
    this.#generation = generation;
    if (isFirst && this.#isEmpty) return [];
    return [`the list of erased users has changed: it has ${count}`];
  }
}

/** As `nameOnList` of night/, at once: a call does not wait. */
export const nameOnList = (user: string): string => createHash("sha256").update(user, "utf8").digest("hex");
