import type { PushedStock } from "../core/model/pushed-stock.ts";
import type { Objects } from "../night/state/objects.ts";
import { openStock, readStockPointer } from "../night/state/stock.ts";
import { Followed } from "./looks.ts";
import { inSlices } from "./slices.ts";

/** Availability and prices that were pushed, from the last look that could read them. */
export class FollowedStock extends Followed {
  readonly #objects: Objects;
  readonly #shop: string;
  #pushed: PushedStock | null = null;
  #name = "";

  constructor(objects: Objects, shop: string) {
    super("the pushed stock");
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

  protected async read(): Promise<string[]> {
    const pointer = await readStockPointer(this.#objects, this.#shop);
    const name = pointer?.file.sha256 ?? "";
    if (name === this.#name) return [];
    this.#pushed = pointer && (await openStock(this.#objects, pointer, (data) => inSlices.sha256(data)));
    this.#name = name;
    return [`availability and prices of ${pointer?.items ?? 0} items have changed`];
  }
}
