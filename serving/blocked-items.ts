import { readBlockList } from "../night/state/block-list.ts";
import type { Objects } from "../night/state/objects.ts";
import { Followed } from "./looks.ts";

/** The items of a shop that are taken down, from the last look that could read its block list. */
export class BlockedItems extends Followed {
  readonly #objects: Objects;
  readonly #shop: string;
  #items: ReadonlySet<string> = new Set();
  #isKnown = false;

  constructor(objects: Objects, shop: string) {
    super("the block list");
    this.#objects = objects;
    this.#shop = shop;
  }

  /** False before a look could read the list. Nothing may be recommended until then. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** The same set as long as the list stays the same. */
  get items(): ReadonlySet<string> {
    return this.#items;
  }

  protected async read(): Promise<string[]> {
    const items = Object.keys((await readBlockList(this.#objects, this.#shop)).items);
    this.#isKnown = true;
    const isSame = items.length === this.#items.size && items.every((item) => this.#items.has(item));
    if (isSame) return [];
    this.#items = new Set(items);
    return [`the block list has changed: ${items.length} items are not recommended`];
  }
}
