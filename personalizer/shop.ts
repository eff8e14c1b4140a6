import type { Settings } from "../contracts/settings/settings.ts";
import type { Objects } from "../night/state/objects.ts";
import { readPointer } from "../night/state/pointer.ts";
import { BlockedItems } from "../serving/blocked-items.ts";
import { FollowedErasures } from "../serving/erased-users.ts";
import { withDeadlines } from "../serving/deadlines.ts";
import { follow, logLook, type Following, type NewsLog } from "../serving/following.ts";
import type { Turns } from "../serving/in-turn.ts";
import { Pointed } from "../serving/pointed.ts";
import { loadPersonalModel, type LoadedModel } from "./model.ts";
import type { ShopMetrics } from "./shop-metrics.ts";
import { noModel, nobodyKnown } from "./refusals.ts";

/** All that belongs to one shop. */
export interface Shop {
  name: string;
  settings: Settings;
  /** @throws Refusal while there is none. */
  model(): LoadedModel;
  hasModel(): boolean;
  /** True if it can answer for users. */
  isReady(): boolean;
  /** The items that are taken down now. */
  blocked(): ReadonlySet<string>;
  /**
   * The row of a user whom a model knows, or -1. Who was erased is unknown.
   * @throws Refusal while nobody can tell who was.
   */
  rowOf(user: string, model: LoadedModel): number;
}

export interface ShopTools {
  log: NewsLog;
  metrics: ShopMetrics;
  /** Shops load their models one after the other: memory is needed for one more model only. */
  inTurn: Turns;
  /** Is told that there may be another model, or be one that answers. */
  changed(): void;
}

/** Opens the shop that the settings name. Its model is not loaded before `following` starts. */
export function openShop(
  settings: Settings,
  objects: Objects,
  { log, metrics, inTurn, changed }: ShopTools,
): { shop: Shop; following: Following } {
  const { shop: name } = settings;
  const stored = withDeadlines(objects);
  const blocked = new BlockedItems(stored, name);
  const erased = new FollowedErasures(stored, name);
  const pointed = new Pointed(
    async () => (await readPointer(stored, name))?.value,
    (model) => inTurn(() => loadPersonalModel(stored, settings, model)),
  );
  async function refreshModel() {
    const before = pointed.get();
    const look = await pointed.refresh();
    if (pointed.get() !== before) {
      metrics.swaps.add([]);
      changed();
    }
    return look;
  }
  async function refreshErased() {
    const look = await erased.refresh();
    changed();
    return look;
  }
  metrics.watch({
    model: { get: () => measured(pointed.get()) },
    failing: () => [
      ...(blocked.isFailing ? ["the block list"] : []),
      ...(erased.isFailing ? ["the list of erased users"] : []),
      ...(pointed.isFailing ? ["the current model"] : []),
    ],
  });
  const following = follow([refreshModel, () => blocked.refresh(), refreshErased], (look) => {
    metrics.looks.add([look.problems.length > 0 ? "failed" : "done"]);
    logLook(look, log, { model: pointed.get()?.name ?? "none" });
  });
  const shop: Shop = {
    name,
    settings,
    model() {
      const current = pointed.get();
      if (!current || !blocked.isKnown) throw noModel(name);
      return current;
    },
    hasModel: () => pointed.get() !== null,
    isReady: () => pointed.get() !== null && erased.isKnown && blocked.isKnown,
    blocked: () => blocked.items,
    rowOf(user, model) {
      if (!erased.isKnown) throw nobodyKnown(name);
      return erased.isErased(user, model.known) ? -1 : model.users.find(user);
    },
  };
  return { shop, following };
}

const measured = (model: LoadedModel | null) => model && { name: model.name, items: model.snapshot.items };
