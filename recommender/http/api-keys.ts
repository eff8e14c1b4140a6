import type { Objects } from "../../night/state/objects.ts";
import { readKeys } from "../../night/state/key-list.ts";
import { attempt, type Look } from "../../serving/looks.ts";

/** The customers that may ask, from the list beside the pointer. */
export interface ApiKeys {
  /** True if there is a key with this hash. */
  has(sha256: string): boolean;
  /** True once the list has been read. Before that, no key can be called unknown. */
  isKnown(): boolean;
  /** Reads the list again; what cannot be read stays as it was. It never throws. */
  refresh(): Promise<Look>;
  /** Names the list if the last look could not read it, in words that anybody may see. */
  failing(): string[];
}

/** Follows a shop's list of keys. Before it could be read nobody may ask. */
export function followApiKeys(objects: Objects, shop: string): ApiKeys {
  let hashes: ReadonlySet<string> | null = null;
  let isFailing = false;
  return {
    has: (sha256) => hashes?.has(sha256) ?? false,
    isKnown: () => hashes !== null,
    failing: () => (isFailing ? ["the keys"] : []),
    async refresh() {
      const seen = await attempt("the keys", async () => {
        const { keys } = await readKeys(objects, shop);
        const listed = Object.values(keys).map(({ sha256 }) => sha256);
        const before = hashes ?? new Set();
        const isSame = listed.length === before.size && listed.every((hash) => before.has(hash));
        hashes = new Set(listed);
        return isSame ? [] : [`the list of keys has changed: there are ${listed.length}`];
      });
      isFailing = seen.problems.length > 0;
      return seen;
    },
  };
}
