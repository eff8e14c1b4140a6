import { appendFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openTables } from "../../adapters/local/personal/tables.ts";
import { openReviewStore } from "../../adapters/local/reviews/store.ts";
import { fileObjects } from "../../adapters/storage/files.ts";
import type { ErasedList } from "../../contracts/erased-list.ts";
import { paths } from "../../contracts/layout.ts";
import { textOfKey } from "../../day/personal-lists.ts";
import type { UserExport } from "../../night/privacy/export-user.ts";
import { nameOnList } from "../../night/state/erased-list.ts";
import { readFactors } from "../../night/state/factors.ts";
import { readPointer } from "../../night/state/pointer.ts";
import { readSnapshot } from "../../night/state/snapshot.ts";
import { temporaryFolder } from "../temporary.ts";
import { smallShop, steamer } from "./steamer.ts";

/** An id with all that CSV, JSON, SQL and a shell might trip over. */
const USER = ` O'Neil, "Jo" é😀; `;
const inCsv = `"${USER.replaceAll('"', '""')}"`;
const folder = temporaryFolder();
const objects = fileObjects(join(folder, ".steamer"));
const events = join(folder, "events.csv");
writeFileSync(events, smallShop("2026-11-21").replaceAll("user-7,", `${inCsv},`));
appendFileSync(events, `${inCsv},,view,2026-11-21T10:00:00Z\nuser-8,,view,2026-11-21T10:00:00Z\n`);

const night = () => steamer(folder, "nightly", "--events", "events.csv", "--als.factors", "8");
const user = (...args: string[]) => steamer(folder, "user", ...args);
const rowsOf = ({ places }: UserExport) =>
  Object.fromEntries(
    Object.entries(places).map(([name, found]) => [
      name,
      found.reduce((sum, { rows }) => sum + rows.length, 0),
    ]),
  );
const exported = async (id: string) => JSON.parse((await user("export", id)).stdout) as UserExport;
async function isInModel(id: string): Promise<boolean> {
  const { model } = (await readPointer(objects, "shop"))!.value;
  const { items } = await readSnapshot(objects, "shop", model);
  return (await readFactors(objects, "shop", model, items))!.users.find(id) >= 0;
}

const HISTORY = [{ item: "tea-1", event: "view_item" }];

function storeList(id: string): void {
  const tables = openTables(join(folder, ".steamer", paths.personal));
  const key = textOfKey({ shop: "shop", model: "2026-11-21.1", scope: "", user: id });
  const list = { model: "2026-11-21.1", from: "model", results: [] };
  tables.claim(key, "me", Date.now(), Date.now() + 60_000);
  tables.put(key, "me", JSON.stringify(list), Date.now() + 60_000);
  tables.enqueue(key, "shop", JSON.stringify({ user: id, history: HISTORY }), Date.now(), 1);
  tables.close();
}

async function storeReview(id: string): Promise<void> {
  const store = openReviewStore(join(folder, ".steamer"), { atOnce: 1, leaseMs: 1, failed: () => {} });
  const review = { id: crypto.randomUUID(), shop: "shop", user: id, item: "tea-1", stars: 5, text: "" };
  const sent = { ...review, key: null, traceparent: "" };
  await store.reviews.add(sent, { perItem: 1, perHour: 1 }, Date.parse("2026-11-21T12:00:00Z"));
  await store.close();
}

describe("steamer user", async () => {
  await storeReview(USER);
  await night();
  storeList(USER);
  const all = {
    interactions: 6,
    "ratings of reviews": 1,
    "rejected rows": 1,
    factors: 1,
    "interactions of buyers": 6,
    models: 1,
    reviews: 1,
    // One that is stored, and a task that waits for another.
    "personal lists": 2,
  };

  it("exports all that is kept of a user, to be read by its owner alone", async () => {
    const { status, stdout } = await user("export", USER, "--out", "jo.json");
    expect([status, stdout]).toEqual([
      0,
      expect.stringContaining("19 rows are in jo.json. Not in it:\n- the shop's own"),
    ]);
    expect(statSync(join(folder, "jo.json")).mode & 0o777).toBe(0o600);
    const found = JSON.parse(readFileSync(join(folder, "jo.json"), "utf8")) as UserExport;
    expect(rowsOf(found)).toEqual(all);
    expect(found.places["interactions"][0].rows[0]).toMatchObject({ user: USER, count: 1 });
    expect(found.places["reviews"]).toMatchObject([
      {
        where: expect.stringMatching(/^review /),
        rows: [{ item: "tea-1", stars: 5, text: "", at: "2026-11-21T12:00:00.000Z" }],
      },
    ]);
    expect(found.places["personal lists"].at(-1)).toEqual({
      where: "waiting tasks",
      rows: [{ user: USER, history: HISTORY }],
    });
    expect((await user("export", USER, "--out", "jo.json")).stderr).toContain("EEXIST");
  });

  it("says when nothing is kept of a user", async () => {
    const { status, stderr } = await user("export", USER.trim());
    expect([status, stderr]).toEqual([1, expect.stringContaining("nothing is kept of such a user")]);
    expect((await user("export", "x".repeat(257))).stderr).toContain("the id has 257 bytes");
  });

  it("shows what it would erase, and erases it when told to", async () => {
    const { stdout } = await user("erase", USER);
    expect(stdout).toMatch(/interactions +6\n[^]*models +1\n[^]*Nothing is removed yet/);
    expect(rowsOf(await exported(USER))).toEqual(all);
    const other = await exported("user-8");
    const { status, stdout: said } = await user("erase", USER, "--yes");
    expect([status, said]).toEqual([0, expect.stringMatching(/factors +1\n[^]*no copy left[^]*Still to do/)]);
    expect((await user("export", USER)).stderr).toContain("nothing is kept of such a user");
    expect(rowsOf(await exported("user-8"))).toEqual(rowsOf(other));
    expect([await isInModel(USER), await isInModel("user-8")]).toEqual([false, true]);
  });

  it("does not bring the user back with the next night", async () => {
    expect((await night()).stderr).toContain("Left out: 7 rows: it is of a user who was erased");
    expect((await user("export", USER)).stderr).toContain("nothing is kept of such a user");
    expect([await isInModel(USER), await isInModel("user-8")]).toEqual([false, true]);
  });

  it("counts what the user does later", async () => {
    const later = new Date(Date.now() + 60_000).toISOString();
    appendFileSync(events, ["tea-1", "tea-2"].map((item) => `${inCsv},${item},buy,${later}\n`).join(""));
    await night();
    expect(rowsOf(await exported(USER))).toMatchObject({ interactions: 2, factors: 1, models: 1 });
    expect(await isInModel(USER)).toBe(true);
  });

  it("is in no model while an erasure has begun, or an export did not know of it", async () => {
    const path = paths.erased("shop");
    const before = JSON.parse(Buffer.from((await objects.get(path))!.data).toString()) as ErasedList;
    // No event is from before then: only the model can leave the user out.
    const begun = { at: "2001-01-01T00:00:00.000Z", finished: false };
    const users = { ...before.users, [await nameOnList("user-9")]: begun };
    await objects.put(path, JSON.stringify({ users }));
    expect((await night()).stderr).toContain("1 erasures of users are not finished");
    expect(rowsOf(await exported("user-9"))).toMatchObject({ factors: 4, models: 3 });
    expect([await isInModel("user-9"), await isInModel("user-8")]).toEqual([false, true]);
    expect((await user("erase", "user-9", "--yes")).stdout).toMatch(/models +3\n/);
    expect([await isInModel("user-9"), await isInModel("user-8")]).toEqual([false, true]);
  });

  it("puts a user of whom nothing is kept on the list too: the next events may have them", async () => {
    const { status, stdout } = await user("erase", "user-999", "--yes");
    expect([status, stdout]).toEqual([0, expect.stringContaining("Nothing was kept of such a user")]);
  });
});
