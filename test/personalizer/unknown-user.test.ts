import { afterAll, expect, it } from "vitest";
import { openPersonalizer } from "../../adapters/grpc/personalizer-client.ts";
import { createGuard } from "../../day/calls.ts";
import { computeList } from "../../day/compute-list.ts";
import type { PersonalLists } from "../../day/personal-lists.ts";
import { memoryObjects } from "../night/shop.ts";
import { started } from "./served.ts";
import { publishPersonal } from "./shop.ts";

const MODEL = "2026-11-20.1";
const objects = memoryObjects();
await publishPersonal(objects, MODEL);
const personalizer = openPersonalizer((await started(objects)).address);
afterAll(() => personalizer.close());

/** The seconds for which it is kept that no model knows a user. */
async function keptFor(model: string): Promise<number> {
  let keptUntil = 0;
  const lists: Pick<PersonalLists, "renew" | "put"> = {
    renew: async () => true,
    put: async (_key, _holder, { from }, expiresAt) => {
      expect(from).toBe("nothing");
      keptUntil = expiresAt;
      return true;
    },
  };
  const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
  const task = { id: "t", shop: "toys", model, scope: "", user: "nobody", history: [], traceparent };
  const clock = { now: () => performance.now(), sleep: async () => {}, random: Math.random };
  const outcome = await computeList(task, {
    ...createGuard({ retries: 0, breakMs: 1, ...clock }),
    lists: lists as PersonalLists,
    personalizer,
    bounds: { results: 10, ttlMs: 3_600_000, callMs: 10_000, retries: 0 },
    now: () => 0,
    currentModel: () => undefined,
    comesAgain: () => false,
    called: () => {},
    retrying: () => {},
  });
  expect(outcome).toBe("no list");
  return keptUntil / 1000;
}

it("That a model does not know a user is kept as any list; of another model than asked, for a minute", async () => {
  expect(await keptFor(MODEL)).toBe(3600);
  expect(await keptFor("2026-11-21.1")).toBe(60);
});
