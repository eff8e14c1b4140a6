import type { Objects } from "../../night/state/objects.ts";
import { madeWithFactors } from "../../night/state/model-file.ts";
import { readPointer } from "../../night/state/pointer.ts";
import { BlockedItems } from "../../serving/blocked-items.ts";
import { merged, type Look } from "../../serving/looks.ts";
import { Pointed } from "../../serving/pointed.ts";
import { NoModel } from "../http/errors.ts";
import { loadModel, type LoadedModel } from "./loaded-model.ts";
import type { Store } from "./store.ts";

/** The model that answers requests. It is replaced between two requests, never during one. */
export interface CurrentModel {
  get(): LoadedModel | null;
  /** Both of the following at once. */
  refresh(): Promise<Look>;
  /** Loads the model that the pointer names, if it is another one: see serving/pointed.ts. */
  refreshModel(): Promise<Look>;
  /** Reads the block list, and asks the store how it is. It never throws. */
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

/** Follows a shop's pointer and its block list. */
export class PointedModel implements CurrentModel {
  readonly #store: Store;
  readonly #blocked: BlockedItems;
  readonly #pointed: Pointed<LoadedModel>;
  #areLookupsFailing = false;

  constructor(objects: Objects, shop: string, store: Store) {
    this.#store = store;
    this.#blocked = new BlockedItems(objects, shop);
    this.#pointed = new Pointed(
      async () => (await readPointer(objects, shop))?.value,
      async (name) => {
        const hasFactors = await madeWithFactors(objects, shop, name);
        return loadModel(store, { name, hasFactors }, () => this.#blocked.items);
      },
    );
  }

  get(): LoadedModel | null {
    return this.#pointed.get();
  }

  failing(): string[] {
    return [
      ...(this.#blocked.isFailing ? ["the block list"] : []),
      ...(this.#pointed.isFailing ? ["the current model"] : []),
      ...(this.#areLookupsFailing ? ["lookups"] : []),
    ];
  }

  async refresh(): Promise<Look> {
    return merged(await Promise.all([this.refreshLists(), this.refreshModel()]));
  }

  refreshModel(): Promise<Look> {
    return this.#pointed.refresh();
  }

  async refreshLists(): Promise<Look> {
    const { news, problems } = await this.#blocked.refresh();
    const trouble = this.#store.trouble();
    this.#areLookupsFailing = trouble !== null;
    return { news, problems: trouble ? [...problems, trouble] : problems };
  }
}
