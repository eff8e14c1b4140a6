import type { Settings } from "../../contracts/settings/settings.ts";
import { namedAnswer, type Answer, type Query } from "../../core/ranking/answer.ts";
import type { Objects } from "../../night/state/objects.ts";
import { readPointer } from "../../night/state/pointer.ts";
import { readBlockList } from "../../night/state/block-list.ts";
import type { Ranked, Store, StoredModel } from "./store.ts";

/** A model that is ready to answer, without the items that are taken down. */
export interface LoadedModel extends Pick<
  StoredModel,
  "items" | "isConstant" | "describe" | "list" | "categories"
> {
  name: string;
  store: Settings["store"];
  loadedAt: Date;
  /** The items that are taken down now. */
  blocked(): ReadonlySet<string>;
  rank: (queries: readonly Query[]) => (Ranked | Promise<Ranked>)[];
  neighbours: StoredModel["neighbours"];
}

/** Answers one query; requests of the storefront are answered several at once, see recommend/recommendation-routes.ts. */
export async function recommend(
  { name, rank }: Pick<LoadedModel, "name" | "rank">,
  query: Query,
): Promise<Answer> {
  const ranked = await rank([query])[0];
  return namedAnswer(ranked, name, ranked.ids.idOf);
}

/** The model that requests are answered from. It is replaced between two requests, never during one. */
export interface CurrentModel {
  get(): LoadedModel | null;
  /** Both of the following at once. */
  refresh(): Promise<Refreshed>;
  /**
   * Reads the pointer, and loads the model that it names, if it is another one, which may take long. What cannot be
   * read or loaded stays as it was; at the start the model before the current one answers then. It never throws.
   */
  refreshModel(): Promise<Refreshed>;
  /** Reads the block list, and asks the store how it is. It never throws. */
  refreshLists(): Promise<Refreshed>;
  /** What could not be read at the last look, in words that anybody may see. */
  failing(): string[];
}

/** What a look has brought, for the log: what is new, in words, and what failed. */
export interface Refreshed {
  news: string[];
  problems: unknown[];
}

/** A model that cannot be loaded is tried again after so long, and then after twice as long each time, up to the limit. */
const FIRST_RETRY_MS = 5_000;
const LAST_RETRY_MS = 600_000;

/** Follows a shop's pointer and its block list. */
export function followPointer(objects: Objects, shop: string, store: Store): CurrentModel {
  let current: LoadedModel | null = null;
  let blocked: ReadonlySet<string> = new Set();
  let refused: { model: string; wait: number; until: number } | null = null;
  const fails = { list: false, model: false, lookups: false };

  async function load(name: string): Promise<LoadedModel> {
    const model = await store.load(name);
    const { items, isConstant } = model;
    return {
      name,
      store: store.name,
      loadedAt: new Date(),
      items,
      isConstant,
      blocked: () => blocked,
      rank: (queries) => model.rank(queries, blocked),
      describe: (ids) => model.describe(ids),
      categories: () => model.categories(),
      async list(listing) {
        const found = await model.list({ ...listing, n: listing.n + blocked.size });
        return found.filter((item) => !blocked.has(item)).slice(0, listing.n);
      },
      async neighbours(item, scenario) {
        const found = await model.neighbours(item, scenario);
        return found?.filter((neighbour) => !blocked.has(neighbour.item)) ?? null;
      },
    };
  }

  async function followBlockList(): Promise<string[]> {
    const items = Object.keys((await readBlockList(objects, shop)).items);
    const isSame = items.length === blocked.size && items.every((item) => blocked.has(item));
    if (isSame) return [];
    blocked = new Set(items);
    return [`the block list has changed: ${items.length} items are not recommended`];
  }

  async function followModel(): Promise<string[]> {
    const pointer = (await readPointer(objects, shop))?.value;
    if (!pointer || pointer.model === current?.name) {
      refused = null;
      return [];
    }
    const failedBefore = refused?.model === pointer.model ? refused : null;
    if (failedBefore && Date.now() < failedBefore.until) return [];
    try {
      current = await load(pointer.model);
      refused = null;
      return ["a new model answers"];
    } catch (error) {
      const wait = failedBefore ? Math.min(2 * failedBefore.wait, LAST_RETRY_MS) : FIRST_RETRY_MS;
      refused = { model: pointer.model, wait, until: Date.now() + wait };
      if (!current && pointer.previous) current = await load(pointer.previous).catch(() => null);
      throw error;
    }
  }

  async function refreshModel(): Promise<Refreshed> {
    const seen = await attempt("the current model", followModel);
    fails.model = seen.problems.length > 0 || refused !== null;
    return seen;
  }

  async function refreshLists(): Promise<Refreshed> {
    const { news, problems } = await attempt("the block list", followBlockList);
    fails.list = problems.length > 0;
    const trouble = store.trouble();
    fails.lookups = trouble !== null;
    return { news, problems: trouble ? [...problems, trouble] : problems };
  }

  return {
    get: () => current,
    failing: () => [
      ...(fails.list ? ["the block list"] : []),
      ...(fails.model ? ["the current model"] : []),
      ...(fails.lookups ? ["lookups"] : []),
    ],
    refreshModel,
    refreshLists,
    refresh: async () => merged(await Promise.all([refreshLists(), refreshModel()])),
  };
}

/** What several looks have brought. */
export const merged = (looks: readonly Refreshed[]): Refreshed => ({
  news: looks.flatMap(({ news }) => news),
  problems: looks.flatMap(({ problems }) => problems),
});

/** A look, or how it failed: an error of storage does not always say what was read. */
export async function attempt(what: string, look: () => Promise<string[]>): Promise<Refreshed> {
  try {
    return { news: await look(), problems: [] };
  } catch (error) {
    const message = `${what} could not be read: ${(error as Error).message}`;
    return { news: [], problems: [new Error(message, { cause: error })] };
  }
}
