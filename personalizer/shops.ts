import { notFound } from "./refusals.ts";
import type { Shop } from "./shop.ts";

/** The shops that one Personalizer serves, by name. */
export class Shops {
  readonly #byName = new Map<string, Shop>();

  add(shop: Shop): void {
    this.#byName.set(shop.name, shop);
  }

  /** @throws Refusal when it is not served here. */
  of(name: string): Shop {
    const shop = this.#byName.get(name);
    if (!shop) throw notFound("shop", name);
    return shop;
  }

  all(): Shop[] {
    return [...this.#byName.values()];
  }
}
