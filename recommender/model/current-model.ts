import type { Objects } from "../../night/state/objects.ts";
import { madeWith } from "../../night/state/model-file.ts";
import { readPointer } from "../../night/state/pointer.ts";
import { BlockedItems } from "../../serving/blocked-items.ts";
import { attempt, merged, type Look } from "../../serving/looks.ts";
import { FollowedStock } from "../../serving/pushed-stock.ts";
import { Pointed } from "../../serving/pointed.ts";
import { NoModel } from "../http/errors.ts";
import { loadModel, type LoadedModel } from "./loaded-model.ts";
import type { Store } from "./store.ts";

/** The model that answers requests. It is replaced between two requests, never during one. */
export interface CurrentModel {
  /** Null before a model is loaded, and before it is known what is taken down. */
  get(): LoadedModel | null;
  /** Both of the following at once. */
  refresh(): Promise<Look>;
  /** Loads the model that the pointer names, if it is another one: see serving/pointed.ts. */
  refreshModel(): Promise<Look>;
  /** Reads the block list and what was pushed, and asks the store how it is. It never throws. */
  refreshLists(): Promise<Look>;
  /** The things that the last look could not read, in words that anybody may see. */
  failing(): string[];
}

/** @throws NoModel before the first night, and while no model could be loaded. */
export function modelOf({ model, failing }: { model: CurrentModel; failing(): string[] }): LoadedModel {
  const current = model.get();
  if (!current) throw new NoModel(failing());
  return current;
}

/** Follows a shop's pointer, its block list, and what is pushed of its stock. */
export class PointedModel implements CurrentModel {
  readonly #store: Store;
  readonly #blocked: BlockedItems;
  readonly #stock: FollowedStock;
  readonly #pointed: Pointed<LoadedModel>;
  #areLookupsFailing = false;

  constructor(objects: Objects, shop: string, store: Store) {
    this.#store = store;
    this.#blocked = new BlockedItems(objects, shop);
    this.#stock = new FollowedStock(objects, shop);
    this.#pointed = new Pointed(
      async () => (await readPointer(objects, shop))?.value,
      async (name) => {
        const made = await madeWith(objects, shop, name);
        const model = await loadModel(store, { name, ...made }, () => this.#blocked.items);
        await model.restock(this.#stock);
        return model;
      },
    );
  }

  get(): LoadedModel | null {
    return this.#blocked.isKnown ? this.#pointed.get() : null;
  }

  failing(): string[] {
    return [
      ...(this.#blocked.isFailing ? ["the block list"] : []),
      ...(this.#stock.isFailing ? ["the pushed stock"] : []),
      ...(this.#pointed.isFailing ? ["the current model"] : []),
      ...(this.#areLookupsFailing ? ["lookups"] : []),
    ];
  }

  async refresh(): Promise<Look> {
    const looks = await Promise.all([this.refreshLists(), this.refreshModel()]);
    return merged([...looks, await this.#restock()]);
  }

  refreshModel(): Promise<Look> {
    return this.#pointed.refresh();
  }

  async refreshLists(): Promise<Look> {
    const looks = await Promise.all([this.#blocked.refresh(), this.#stock.refresh()]);
    const { news, problems } = merged([...looks, await this.#restock()]);
    const trouble = this.#store.trouble();
    this.#areLookupsFailing = trouble !== null;
    return { news, problems: trouble ? [...problems, trouble] : problems };
  }
  /** Has the current model take up what was pushed. One that is being loaded does so itself. */
  #restock(): Promise<Look> {
    return attempt("the pushed stock", async () => {
      await this.get()?.restock(this.#stock);
      return [];
    });
  }
}
