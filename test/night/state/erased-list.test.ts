import { describe, expect, it } from "vitest";
import {
  beginErasure,
  finishErasure,
  knownErasures,
  mayHoldErased,
  nameOnList,
  readErased,
  unfinishedErasures,
} from "../../../night/state/erased-list.ts";
import { erasedCase, erasedUsers } from "../../golden.ts";
import { memoryObjects } from "../shop.ts";

const NOON = new Date("2026-11-20T12:00:00.000Z");
const begin = (objects = memoryObjects(), user = "ann", now = NOON) =>
  beginErasure(objects, "toys", user, now);

describe("the list of erased users", () => {
  it("names users by a hash", async () => {
    for (const { user, name } of erasedCase.users) expect(await nameOnList(user)).toBe(name);
  });

  it("does not hold an id", async () => {
    const objects = memoryObjects();
    await begin(objects, "ann@example.com");
    const { data } = (await objects.get("shops/toys/erased.json"))!;
    expect(Buffer.from(data).toString()).not.toContain("ann");
  });

  it("has an order that clocks cannot change, and loses no concurrent entry", async () => {
    const objects = memoryObjects();
    const users = ["a", "b", "c", "d"];
    const times = await Promise.all(
      users.map((user, k) => begin(objects, user, new Date(NOON.getTime() - 1000 * k))),
    );
    expect(new Set(times).size).toBe(4);
    expect(Object.keys(await readErased(objects, "toys"))).toHaveLength(4);
    expect((await begin(objects, "a", new Date(0))) > times.toSorted().at(-1)!).toBe(true);
  });

  it("is finished by the erasure that began last, and warns until then", async () => {
    const objects = memoryObjects();
    const first = await begin(objects);
    const second = await begin(objects);
    await finishErasure(objects, "toys", "ann", first);
    expect(unfinishedErasures(await readErased(objects, "toys"))).toEqual([
      expect.stringContaining("1 erasures of users are not finished"),
    ]);
    await finishErasure(objects, "toys", "ann", second);
    expect(unfinishedErasures(await readErased(objects, "toys"))).toEqual([]);
  });
});

describe("what an export knew", () => {
  const [first] = erasedCase.users;
  const later = "2026-11-21T00:00:00.000Z";

  it("is the latest entry of the list, but none from after its start", () => {
    const latest = erasedCase.users.at(-1)!.at;
    expect(knownErasures(erasedUsers, later)).toEqual({ erasedUntil: latest });
    expect(knownErasures(erasedUsers, first.at)).toEqual({ erasedUntil: first.at });
    expect(knownErasures(erasedUsers, "2026-11-20T00:00:00.000Z")).toEqual({});
    expect(knownErasures({}, later)).toEqual({});
  });

  it("decides whom its model may still hold", () => {
    const entry = { at: first.at, finished: true };
    expect(mayHoldErased(entry, {})).toBe(true);
    expect(mayHoldErased(entry, { erasedUntil: "2026-11-20T12:00:00.122Z" })).toBe(true);
    expect(mayHoldErased(entry, { erasedUntil: first.at })).toBe(false);
    expect(mayHoldErased({ ...entry, finished: false }, { erasedUntil: later })).toBe(true);
  });
});
