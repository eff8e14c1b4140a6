import type { PersonalLists } from "../../day/personal-lists.ts";
import type { Place } from "../../night/privacy/place.ts";

export interface UserLists extends Pick<PersonalLists, "listsOf" | "forget"> {
  /** Tasks that wait, where they can be told apart by user. Each goes with the lists. */
  tasksOf?(shop: string, user: string): Promise<unknown[]>;
}

/** Stored lists of personal recommendations, of all models and scopes, with their tasks. */
export function personalListsPlace(lists: UserLists, shop: string): Place {
  return {
    name: "personal lists",
    isServed: true,
    async find(user) {
      // Expired ones lie there too until they are purged.
      const kept = await lists.listsOf(shop, user, 0);
      const found = kept.map(({ model, scope, list }) => ({
        where: `model ${model}, ${scope === "" ? "the whole shop" : `scope ${scope}`}`,
        rows: [list] as unknown[],
      }));
      const waiting = (await lists.tasksOf?.(shop, user)) ?? [];
      return waiting.length === 0 ? found : [...found, { where: "waiting tasks", rows: waiting }];
    },
    erase: (user) => lists.forget(shop, user),
  };
}
