import type { PushedStock } from "../core/model/pushed-stock.ts";
import type { Objects } from "../night/state/objects.ts";
import { openStock, readStockPointer } from "../night/state/stock.ts";
import { attempt, type Look } from "./looks.ts";
import { inSlices } from "./slices.ts";

/** Availability and prices that were pushed, from the last look that could read them. */
export class FollowedStock {
  readonly #objects: Objects;
  readonly #shop: string;
  #pushed: PushedStock | null = null;
  #name = "";
  #isFailing = false;

  constructor(objects: Objects, shop: string) {
    this.#objects = objects;
    this.#shop = shop;
  }

  /** Null before the first push. The same as long as nothing is pushed. */
  get pushed(): PushedStock | null {
    return this.#pushed;
  }

  /** Another one for each push. */
  get name(): string {
    return this.#name;
  }

  /** True if the last look could not read it. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  /** Reads what was pushed, if it is new. It never throws. */
  async refresh(): Promise<Look> {
    const look = await attempt("the pushed stock", () => this.#read());
    this.#isFailing = look.problems.length > 0;
    return look;
  }

  async #read(): Promise<string[]> {
    const pointer = await readStockPointer(this.#objects, this.#shop);
    const name = pointer?.file.sha256 ?? "";
    if (name === this.#name) return [];
    this.#pushed = pointer && (await openStock(this.#objects, pointer, (data) => inSlices.sha256(data)));
    this.#name = name;
    return [`availability and prices of ${pointer?.items ?? 0} items have changed`];
  }
}
