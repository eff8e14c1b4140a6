import { afterEach, expect, it } from "vitest";
import { openLocalStore } from "../../../../adapters/local/personal/store.ts";
import type { PersonalStore } from "../../../../day/personal-lists.ts";
import { personalListsSuite } from "../../../day/personal-lists.suite.ts";
import { temporaryFolder } from "../../../temporary.ts";

const opened: PersonalStore[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

function open(folder: string, now = Date.now): PersonalStore {
  const options = { cacheMs: 10_000, most: 10, atOnce: 1, leaseMs: 10_000, failed: () => {}, now };
  opened.push(openLocalStore(folder, options));
  return opened.at(-1)!;
}

personalListsSuite(() => {
  const folder = temporaryFolder();
  // The store forgets what has expired by its own clock.
  const now = 1_000_000;
  const [a, b] = [open(folder, () => now), open(folder, () => now)];
  return { instances: [a.lists, b.lists], now };
});

it("A user's tasks are forgotten too", async () => {
  const { lists, tasks, work } = open(temporaryFolder());
  const now = Date.now();
  const done: string[] = [];
  for (const user of ["ann", "bob"]) {
    const key = { shop: "toys", model: "2026-11-20.1", scope: "", user };
    await lists.claim(key, user, now, now + 10_000);
    await tasks.enqueue({ ...key, id: user, history: [], traceparent: "" }, now);
  }
  await lists.forget("toys", "ann");
  work("toys", async ({ user }) => void done.push(user));
  await expect.poll(() => done).toEqual(["bob"]);
});
