import { expect, it } from "vitest";
import { paths } from "../../contracts/layout.ts";
import { ERASED_KNOWN_MS, FollowedErasures, nameOnList } from "../../serving/erased-users.ts";
import { erasedCase } from "../golden.ts";
import { memoryObjects } from "../night/shop.ts";

it("users are named as on the list", () => {
  for (const { user, name } of erasedCase.users) expect(nameOnList(user)).toBe(name);
});

it("the list is known from the begin of a look that could read it, for as long as an erasure waits", async () => {
  const objects = memoryObjects();
  let now = 0;
  const slow = { get: (path: string) => objects.get(path).finally(() => (now += 1_000)) };
  const erased = new FollowedErasures(slow, "toys", () => now);
  expect(erased.isKnown).toBe(false);
  await erased.refresh();
  now = ERASED_KNOWN_MS;
  expect(erased.isKnown).toBe(true);
  now++;
  expect(erased.isKnown).toBe(false);
  // It has not changed.
  await erased.refresh();
  expect(erased.isKnown).toBe(true);

  await objects.put(paths.erased("toys"), "{");
  now += ERASED_KNOWN_MS;
  await erased.refresh();
  expect(erased.isKnown).toBe(false);
});
