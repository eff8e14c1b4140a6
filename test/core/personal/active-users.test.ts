import fc from "fast-check";
import { expect, it } from "vitest";
import { mostActive } from "../../../core/personal/active-users.ts";

it("The most active users are those with the most items, of equal ones the first", () => {
  const shop = fc.array(fc.nat({ max: 5 }), { maxLength: 40 });
  fc.assert(
    fc.property(shop, fc.nat({ max: 50 }), (items, most) => {
      const offset = new Int32Array(items.length + 1);
      items.forEach((n, user) => (offset[user + 1] = offset[user] + n));
      const plain = [...items.keys()].toSorted((a, b) => items[b] - items[a] || a - b).slice(0, most);
      expect([...mostActive({ offset }, most)]).toEqual(plain);
    }),
  );
});
