import { createHash } from "node:crypto";
import { ErasedList, type ErasedUsers } from "../contracts/erased-list.ts";
import { paths } from "../contracts/layout.ts";
import { documentIn } from "../night/state/document.ts";
import { mayHoldErased, type KnownErasures } from "../night/state/erased-list.ts";
import type { Objects } from "../night/state/objects.ts";
import { attempt, type Look } from "./looks.ts";

/** The users of a shop that were erased, from the last look that could read the list. */
export class ErasedLooks {
  readonly #objects: Objects;
  readonly #path: string;
  #users: ErasedUsers | null = null;
  #isEmpty = false;
  #generation: string | null | undefined;
  #isFailing = false;

  constructor(objects: Objects, shop: string) {
    this.#objects = objects;
    this.#path = paths.erased(shop);
  }

  /** True if the last look could not read the list. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  /**
   * True for a user of whom a model may hold what was erased; for everybody before a look could
   * read the list. It costs nothing without a list.
   */
  isErased(user: string, model: KnownErasures): boolean {
    if (this.#isEmpty) return false;
    if (!this.#users) return true;
    const erased = this.#users[nameOnList(user)];
    return erased !== undefined && mayHoldErased(erased, model);
  }

  /** Reads the list. It never throws. */
  async refresh(): Promise<Look> {
    const look = await attempt("the list of erased users", () => this.#read());
    this.#isFailing = look.problems.length > 0;
    return look;
  }

  async #read(): Promise<string[]> {
    const stored = await this.#objects.get(this.#path);
    const generation = stored?.generation ?? null;
    // It may be long: it is taken apart only when it has changed.
    if (generation === this.#generation) return [];
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
