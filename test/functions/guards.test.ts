import { expect, it } from "vitest";
import { guardsByShop } from "../../functions/guards.ts";

it("Calls for a shop share a breaker and a budget of retries, until the settings change", () => {
  const guardOf = guardsByShop();
  const bounds = { breakMs: 1_000, retries: 2 };
  const guard = guardOf("toys", bounds);
  expect(guardOf("toys", { ...bounds })).toBe(guard);
  const others = [guardOf("cars", bounds)];
  for (const change of [{ breakMs: 9 }, { retries: 0 }])
    others.push(guardOf("toys", { ...bounds, ...change }));
  for (const other of others) expect(other.breaker).not.toBe(guard.breaker);
});
