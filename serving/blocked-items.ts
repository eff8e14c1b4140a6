import { readBlockList } from "../night/state/block-list.ts";
import type { Objects } from "../night/state/objects.ts";
import { attempt, type Look } from "./looks.ts";

/** The items of a shop that are taken down, from the last look that could read its block list. */
export class BlockedItems {
  readonly #objects: Objects;
  readonly #shop: string;
  #items: ReadonlySet<string> = new Set();
  #isFailing = false;

  constructor(objects: Objects, shop: string) {
    this.#objects = objects;
    this.#shop = shop;
  }

  /** The same set as long as the list stays the same. */
  get items(): ReadonlySet<string> {
    return this.#items;
  }

  /** True if the last look could not read the list. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  /** Reads the list. It never throws. */
  async refresh(): Promise<Look> {
    const look = await attempt("the block list", () => this.#read());
    this.#isFailing = look.problems.length > 0;
    return look;
  }

  async #read(): Promise<string[]> {
    const items = Object.keys((await readBlockList(this.#objects, this.#shop)).items);
    const isSame = items.length === this.#items.size && items.every((item) => this.#items.has(item));
    if (isSame) return [];
    this.#items = new Set(items);
    return [`the block list has changed: ${items.length} items are not recommended`];
  }
}
