import type { PersonalLists } from "../../day/personal-lists.ts";
import type { Place } from "../../night/privacy/place.ts";

export type UserLists = Pick<PersonalLists, "listsOf" | "forget">;

/** Stored lists of personal recommendations, of all models and scopes, with their tasks. */
export function personalListsPlace(lists: UserLists, shop: string): Place {
  return {
    name: "personal lists",
    isServed: true,
    async find(user) {
      // Expired ones lie there too until they are purged.
      const kept = await lists.listsOf(shop, user, 0);
      return kept.map(({ model, scope, list }) => ({
        where: `model ${model}, ${scope === "" ? "the whole shop" : `scope ${scope}`}`,
        rows: [list],
      }));
    },
    erase: (user) => lists.forget(shop, user),
  };
}
