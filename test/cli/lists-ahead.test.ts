import { expect, it } from "vitest";
import { openListWriter, openLocalStore } from "../../adapters/local/personal/store.ts";
import { listsAhead } from "../../adapters/local/load/lists-ahead.ts";
import { paths } from "../../contracts/layout.ts";
import { Manifest } from "../../contracts/manifest.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import type { ListWriter } from "../../day/personal-lists.ts";
import { readDocument } from "../../night/state/document.ts";
import { beginErasure } from "../../night/state/erased-list.ts";
import { filesOfModel } from "../../night/state/model-file.ts";
import { memoryObjects, settingsWith } from "../night/shop.ts";
import { publishPersonal } from "../personalizer/shop.ts";
import { temporaryFolder } from "../temporary.ts";

const MODEL = "2026-11-20.1";
const MINUTE = 60_000;

/** A built model, and a file for its users' lists. */
async function built({ change = {}, buildMs = 0 }: { change?: Partial<Settings>; buildMs?: number } = {}) {
  const objects = memoryObjects();
  await publishPersonal(objects, MODEL);
  const manifest = (await readDocument(objects, paths.manifest("toys", MODEL), Manifest))!.value;
  manifest.stages.load.startedAt = new Date(Date.now() - buildMs).toISOString();
  const folder = temporaryFolder();
  const erase = (user: string) => beginErasure(objects, "toys", user, new Date());
  const run = async (before: (writer: ListWriter) => Partial<ListWriter> = () => ({})) => {
    const settings = settingsWith({ "personal.ahead": 1000, ...change });
    const openWriter = async () => {
      const writer = openListWriter(folder);
      return { ...writer, ...before(writer) };
    };
    const files = await filesOfModel(objects, "toys", MODEL);
    const context = { manifest, settings, attempt: 1 };
    const hooks = { progress: () => {}, signal: new AbortController().signal };
    return listsAhead({ context, objects, files, openWriter }, hooks);
  };
  /** True for each user who has a list. */
  const stored = async (...users: string[]) => {
    const options = { cacheMs: 10_000, most: 1, atOnce: 1, leaseMs: 1_000, failed: () => {} };
    const { lists, close } = openLocalStore(folder, options);
    const found = await Promise.all(users.map((user) => lists.listsOf("toys", user, Date.now())));
    await close();
    return found.map(({ length }) => length > 0);
  };
  return { erase, run, stored };
}

it("Whoever is erased after the model's files were written gets no list", async () => {
  const { erase, run, stored } = await built();
  await erase("user-7");
  expect(await run()).toMatchObject({ warnings: [] });
  expect(await stored("user-7", "user-8")).toEqual([false, true]);
});

it("Whoever is erased while lists are written keeps none", async () => {
  const { erase, run, stored } = await built();
  const outcome = await run(({ putAll }) => ({
    async putAll(lists, expiresAt) {
      await putAll(lists, expiresAt);
      await erase("user-7");
    },
  }));
  expect(outcome).toMatchObject({ warnings: [] });
  expect(await stored("user-7", "user-8")).toEqual([false, true]);
});

it("A list that could not be deleted is a warning", async () => {
  const { erase, run } = await built();
  const { warnings } = await run(() => ({
    putAll: () => erase("user-7").then(() => {}),
    deleteAll: () => Promise.reject(new Error("the disk is full")),
  }));
  expect(warnings).toEqual([
    expect.stringMatching(/^The list of a user who was erased.*user erase.*the disk is full/),
  ]);
});

it("Lists have time after a long build, and a warning says which limit has ended them", async () => {
  const long = await built({ change: { stageLimitMinutes: 240 }, buildMs: 150 * MINUTE });
  expect(await long.run()).toMatchObject({ warnings: [] });
  const longer = await built({ change: { stageLimitMinutes: 240 }, buildMs: 230 * MINUTE });
  const { warnings } = await longer.run();
  expect(warnings).toEqual([expect.stringMatching(/^0 of \d+ users.*near its limit of 240 minutes/)]);
  expect(warnings[0]).not.toContain("personal.ahead");
});
