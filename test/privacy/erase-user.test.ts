import { describe, expect, it } from "vitest";
import { paths } from "../../contracts/layout.ts";
import { Manifest } from "../../contracts/manifest.ts";
import { eraseUser, type Erasing } from "../../night/privacy/erase-user.ts";
import type { Place } from "../../night/privacy/place.ts";
import { userFilesPlace } from "../../night/privacy/user-files.ts";
import { changeDocument } from "../../night/state/document.ts";
import { readErased } from "../../night/state/erased-list.ts";
import { readFactors } from "../../night/state/factors.ts";
import type { Objects } from "../../night/state/objects.ts";
import { readSnapshot } from "../../night/state/snapshot.ts";
import { publishPersonal } from "../personalizer/shop.ts";
import { memoryObjects } from "../night/shop.ts";

const MODELS = ["2026-11-19.1", "2026-11-20.1"];
const USER = "user-7";

async function twoModels(): Promise<Objects> {
  const objects = memoryObjects();
  for (const model of MODELS) await publishPersonal(objects, model);
  return objects;
}

const erase = (objects: Objects, places: Place[], change: Partial<Erasing> = {}, user = USER) =>
  eraseUser(places, user, {
    objects,
    shop: "toys",
    now: () => new Date(),
    isAlive: () => true,
    servicesFollow: async () => {},
    progress: () => {},
    ...change,
  });

/** The users that a model's files have, as services read them; it throws if they do not fit. */
async function usersOf(objects: Objects, model: string) {
  const { items } = await readSnapshot(objects, "toys", model);
  return (await readFactors(objects, "toys", model, items))!.users;
}
const isThere = async (objects: Objects, user: string) => {
  const rows = await Promise.all(MODELS.map(async (model) => (await usersOf(objects, model)).find(user)));
  return rows.map((row) => row >= 0);
};
const finished = async (objects: Objects) =>
  Object.values(await readErased(objects, "toys")).map((erased) => erased.finished);
const usersFiles = async (objects: Objects) =>
  (await objects.list(paths.models("toys"))).filter((path) => path.includes("user-factors"));

/** Storage that dies before its nth change, and every later one. */
function dyingAt(objects: Objects, nth: number): Objects {
  let changes = 0;
  const unlessDead = () => {
    if (++changes >= nth) throw new Error("killed");
  };
  return {
    ...objects,
    put: async (...args) => (unlessDead(), objects.put(...args)),
    delete: async (path) => (unlessDead(), objects.delete(path)),
  };
}

async function setRunning(objects: Objects, state: Manifest["state"]) {
  await changeDocument(objects, paths.manifest("toys", MODELS[1]), Manifest, (run) => ({ ...run!, state }));
}

describe("erasing a user", () => {
  it("takes them out of all models, which can still be read, and leaves the others", async () => {
    const objects = await twoModels();
    const place = userFilesPlace(objects, "toys");
    expect((await place.find(USER, () => {})).map(({ where }) => where)).toEqual(await usersFiles(objects));
    expect(await erase(objects, [place])).toEqual({ models: 2 });
    expect(await isThere(objects, USER)).toEqual([false, false]);
    expect(await isThere(objects, "user-8")).toEqual([true, true]);
    expect(await place.find(USER, () => {})).toEqual([]);
    expect(await usersFiles(objects)).toHaveLength(2);
    expect(await finished(objects)).toEqual([true]);
    expect(await erase(objects, [place])).toEqual({ models: 0 });
  });

  it("leaves models that can be read wherever it dies, and is finished by another call", async () => {
    let deaths = 0;
    for (let nth = 1; ; nth++) {
      const objects = await twoModels();
      const dying = dyingAt(objects, nth);
      const died = await erase(dying, [userFilesPlace(dying, "toys")]).then(
        () => false,
        () => true,
      );
      await isThere(objects, USER);
      if (!died) break;
      deaths++;
      expect(await finished(objects)).toEqual(nth === 1 ? [] : [false]);
      await erase(objects, [userFilesPlace(objects, "toys")]);
      expect(await isThere(objects, USER)).toEqual([false, false]);
      expect(await userFilesPlace(objects, "toys").find(USER, () => {})).toEqual([]);
      expect(await finished(objects)).toEqual([true]);
    }
    // The list twice; for each model a file, its name in the manifest, and the file before.
    expect(deaths).toBe(8);
  });

  it("loses no other erasure that runs beside it", async () => {
    const objects = await twoModels();
    const users = ["user-7", "user-8", "user-9"];
    await Promise.all(users.map((user) => erase(objects, [userFilesPlace(objects, "toys")], {}, user)));
    for (const user of users) expect(await isThere(objects, user)).toEqual([false, false]);
    expect(await usersFiles(objects)).toHaveLength(2);
  });

  it("waits for a night that works with copies, and says so; services follow all the same", async () => {
    const objects = await twoModels();
    await setRunning(objects, "running");
    const served: string[] = [];
    const lists: Place = {
      name: "lists",
      isServed: true,
      find: async () => [],
      erase: async (user) => served.push(user),
    };
    const places = [userFilesPlace(objects, "toys"), lists];
    await expect(erase(objects, places)).rejects.toThrow(
      /night 2026-11-20\.1 is running.*Next: run the same command/s,
    );
    expect([await finished(objects), await isThere(objects, USER), served]).toEqual([
      [false],
      [true, true],
      [USER],
    ]);
    // Its process is gone.
    expect(await erase(objects, places, { isAlive: () => false })).toMatchObject({ models: 2 });
  });

  it("goes through all places again when a night has run meanwhile", async () => {
    const objects = await twoModels();
    let nights = 0;
    const nightly: Place = {
      name: "nightly",
      find: async () => [],
      async erase() {
        if (nights++ === 0) await publishPersonal(objects, "2026-11-21.1");
        return 1;
      },
    };
    expect(await erase(objects, [userFilesPlace(objects, "toys"), nightly])).toEqual({
      models: 3,
      nightly: 2,
    });
    expect((await usersOf(objects, "2026-11-21.1")).find(USER)).toBe(-1);
  });
});
