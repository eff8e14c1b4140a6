import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RecentlyUsed } from "../../recommender/recently-used.ts";

describe("what was used recently", () => {
  it("is kept, and what was not used for longest makes room", () => {
    const key = fc.constantFrom(..."abcdef");
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(fc.tuple(key, fc.boolean())), (size, uses) => {
        const cache = new RecentlyUsed<string>(size);
        // The plain definition: a list, the latest first.
        let latest: string[] = [];
        for (const [key, isSet] of uses) {
          if (isSet) cache.set(key, key);
          else expect(cache.get(key)).toBe(latest.includes(key) ? key : undefined);
          if (isSet || latest.includes(key))
            latest = [key, ...latest.filter((other) => other !== key)].slice(0, size);
        }
      }),
    );
  });
});
