import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { openTables } from "../../../../adapters/local/personal/tables.ts";
import { temporaryFolder } from "../../../temporary.ts";

const opened: { close(): void }[] = [];
afterEach(() => opened.splice(0).forEach((each) => each.close()));

/** Two instances of one file. */
function instances() {
  const path = join(temporaryFolder(), "lists");
  const both = [openTables(path), openTables(path)];
  opened.push(...both);
  return both;
}
const taken = (rows: { task: string }[]) => rows.map(({ task }) => task);

describe("what has expired", () => {
  it("is forgotten, but not the claim of a task that waits", () => {
    const [a, b] = instances();
    for (const key of ["ann", "bob"]) a.claim(key, "A", 0, 100);
    a.put("ann", "A", "[1]", 100);
    a.claim("ann", "A", 0, 100);
    b.enqueue("bob", "toys", "bob", 0, 10);
    b.purge(99);
    expect(a.get("ann", 99)).toBe("[1]");
    b.purge(100);
    expect(a.get("ann", 99)).toBeNull();
    expect(["ann", "bob"].map((key) => a.renew(key, "A", 200))).toEqual([false, true]);
  });
});

describe("a task", () => {
  it("is taken by one instance, the oldest first, and by another when the lease has expired", () => {
    const [a, b] = instances();
    for (const [k, user] of ["ann", "bob", "cid"].entries()) a.enqueue(user, "toys", user, k, 10);
    a.enqueue("eve", "books", "eve", 0, 10);
    expect(taken(a.take("toys", 2, 10, 110))).toEqual(["ann", "bob"]);
    expect(taken(b.take("toys", 2, 10, 110))).toEqual(["cid"]);
    a.finish("ann");
    expect(taken(b.take("toys", 9, 109, 200))).toEqual([]);
    expect(taken(b.take("toys", 9, 110, 200)).sort()).toEqual(["bob", "cid"]);
    b.giveBack(["bob"]);
    expect(taken(a.take("toys", 9, 111, 200))).toEqual(["bob"]);
    expect(a.state(111)).toEqual([
      { shop: "books", tasks: 1, due: 1, oldestAt: 0 },
      { shop: "toys", tasks: 2, due: 0, oldestAt: 1 },
    ]);
  });

  it("waits once for a user, and belongs to who has claimed it last", () => {
    const [a, b] = instances();
    expect(a.enqueue("ann", "toys", "first", 0, 10)).toBe(true);
    expect(b.enqueue("ann", "toys", "second", 1, 10)).toBe(true);
    expect(taken(a.take("toys", 9, 2, 100))).toEqual(["second"]);
    b.enqueue("ann", "toys", "third", 3, 10);
    expect(taken(b.take("toys", 9, 100, 200))).toEqual(["second"]);
  });

  it("is not taken on when the shop has too many, whatever other shops have", () => {
    const [a] = instances();
    expect(a.enqueue("ann", "toys", "t", 0, 1)).toBe(true);
    expect(a.enqueue("bob", "toys", "t", 0, 1)).toBe(false);
    expect(a.enqueue("bob2", "books", "t", 0, 1)).toBe(true);
  });
});
