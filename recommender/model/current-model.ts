import type { Objects } from "../../night/state/objects.ts";
import { readPointer } from "../../night/state/pointer.ts";
import { NoModel } from "../http/errors.ts";
import { attempt, merged, type Look } from "../looks.ts";
import { BlockedItems } from "./blocked-items.ts";
import { loadModel, type LoadedModel } from "./loaded-model.ts";
import type { Store } from "./store.ts";

/** The model that answers requests. It is replaced between two requests, never during one. */
export interface CurrentModel {
  get(): LoadedModel | null;
  /** Both of the following at once. */
  refresh(): Promise<Look>;
  /**
   * Reads the pointer, and loads the model that it names, if it is another one, which may take
   * long. After a failure the model stays as it was; at the start the model before the current one
   * answers then. It never throws.
   */
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

/**
 * A model that cannot be loaded is tried again after the first pause. Each further pause is twice
 * as long, up to the last.
 */
const FIRST_RETRY_MS = 5_000;
const LAST_RETRY_MS = 600_000;

/** A model that could not be loaded, and when it is tried again. */
interface Refused {
  model: string;
  waitMs: number;
  until: number;
}

/** Follows a shop's pointer and its block list. */
export class PointedModel implements CurrentModel {
  readonly #objects: Objects;
  readonly #shop: string;
  readonly #store: Store;
  readonly #blocked: BlockedItems;
  #current: LoadedModel | null = null;
  #refused: Refused | null = null;
  #isFailing = false;
  #areLookupsFailing = false;

  constructor(objects: Objects, shop: string, store: Store) {
    this.#objects = objects;
    this.#shop = shop;
    this.#store = store;
    this.#blocked = new BlockedItems(objects, shop);
  }

  get(): LoadedModel | null {
    return this.#current;
  }

  failing(): string[] {
    return [
      ...(this.#blocked.isFailing ? ["the block list"] : []),
      ...(this.#isFailing ? ["the current model"] : []),
      ...(this.#areLookupsFailing ? ["lookups"] : []),
    ];
  }

  async refresh(): Promise<Look> {
    return merged(await Promise.all([this.refreshLists(), this.refreshModel()]));
  }

  async refreshModel(): Promise<Look> {
    const look = await attempt("the current model", () => this.#followPointer());
    this.#isFailing = look.problems.length > 0 || this.#refused !== null;
    return look;
  }

  async refreshLists(): Promise<Look> {
    const { news, problems } = await this.#blocked.refresh();
    const trouble = this.#store.trouble();
    this.#areLookupsFailing = trouble !== null;
    return { news, problems: trouble ? [...problems, trouble] : problems };
  }

  async #followPointer(): Promise<string[]> {
    const pointer = (await readPointer(this.#objects, this.#shop))?.value;
    if (!pointer || pointer.model === this.#current?.name) {
      this.#refused = null;
      return [];
    }
    const failedBefore = this.#refused?.model === pointer.model ? this.#refused : null;
    if (failedBefore && Date.now() < failedBefore.until) return [];
    try {
      this.#current = await this.#load(pointer.model);
      this.#refused = null;
      return ["a new model answers"];
    } catch (error) {
      this.#refused = refusedAgain(pointer.model, failedBefore);
      if (!this.#current && pointer.previous)
        this.#current = await this.#load(pointer.previous).catch(() => null);
      throw error;
    }
  }

  #load(name: string): Promise<LoadedModel> {
    return loadModel(this.#store, name, () => this.#blocked.items);
  }
}

function refusedAgain(model: string, before: Refused | null): Refused {
  const waitMs = before ? Math.min(2 * before.waitMs, LAST_RETRY_MS) : FIRST_RETRY_MS;
  return { model, waitMs, until: Date.now() + waitMs };
}
