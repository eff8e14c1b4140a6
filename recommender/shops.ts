import { NoShop } from "./http/errors.ts";
import type { Shop } from "./shop.ts";

/** A request, as far as it names a shop. */
interface Asking {
  params: unknown;
}

/** The shops that one recommender serves, by name. */
export class Shops implements Iterable<Shop> {
  readonly #byName = new Map<string, Shop>();
  readonly #areSeveral: boolean;
  #only: Shop | null = null;

  /** @param areSeveral true if there may be more than one, now or later */
  constructor(areSeveral: boolean) {
    this.#areSeveral = areSeveral;
  }

  /** The one shop there is, which a request need not name; null where there may be several. */
  get only(): Shop | null {
    return this.#only;
  }

  add(shop: Shop): void {
    if (!this.#areSeveral) this.#only = shop;
    this.#byName.set(shop.settings.shop, shop);
  }

  get(name: string): Shop | undefined {
    return this.#byName.get(name);
  }

  [Symbol.iterator](): Iterator<Shop> {
    return this.#byName.values();
  }

  /** The shop in a request's path, else the only one; null if there is none. */
  find({ params }: Asking): Shop | null {
    const { shop } = params as { shop?: string };
    return shop === undefined ? this.only : (this.#byName.get(shop) ?? null);
  }

  /** @throws NoShop when there is no shop that the request could be for. */
  of(request: Asking): Shop {
    const shop = this.find(request);
    if (!shop) throw new NoShop((request.params as { shop?: string }).shop);
    return shop;
  }
}
