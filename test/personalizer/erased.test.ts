import { describe, expect, it } from "vitest";
import { beginErasure, finishErasure } from "../../night/state/erased-list.ts";
import { paths } from "../../contracts/layout.ts";
import { Manifest } from "../../contracts/manifest.ts";
import { changeDocument } from "../../night/state/document.ts";
import { memoryObjects } from "../night/shop.ts";
import { clientTo, predictions, started } from "./served.ts";
import { ITEMS, publishPersonal } from "./shop.ts";

const MODEL = "2026-11-20.1";
const objects = memoryObjects();
await publishPersonal(objects, MODEL);
const server = await started(objects);
const client = clientTo(server);
const knows = (user: string) =>
  client.recommend({ user }).then(
    () => true,
    (error: Error) => error.message,
  );
const UNKNOWN = expect.stringContaining("FAILED_PRECONDITION");

describe("a user who was erased", () => {
  it("is unknown after the next look, whatever the model has", async () => {
    expect(await knows("user-7")).toBe(true);
    await beginErasure(objects, "toys", "user-7", new Date());
    await server.refresh();
    expect([await knows("user-7"), await knows("user-8")]).toEqual([UNKNOWN, true]);
    const pairs = ["user-7", "user-8"].map((user) => ({ shop: "toys", user, item: ITEMS[0] }));
    const [gone, other] = await predictions(client.predict(), pairs);
    expect([gone.score, typeof other.score]).toEqual([undefined, "number"]);
  });

  it("can come with a history, as any new user", async () => {
    const history = [{ item: ITEMS[0], event: "VIEW_ITEM" as const, count: 1 }];
    expect((await client.recommend({ user: "user-7", history })).results.length).toBeGreaterThan(0);
  });

  it("is known again by a model whose export knew of it, once no copy is left", async () => {
    const next = "2026-11-21.1";
    const at = await beginErasure(objects, "toys", "user-7", new Date());
    await publishPersonal(objects, next);
    await changeDocument(objects, paths.manifest("toys", next), Manifest, (run) => {
      const { stages } = run!;
      const noted = { ...stages.export, metrics: { erasedUntil: at } };
      return { ...run!, stages: { ...stages, export: noted } };
    });
    await server.refresh();
    expect(await knows("user-7")).toEqual(UNKNOWN);
    await finishErasure(objects, "toys", "user-7", at);
    await server.refresh();
    expect(await knows("user-7")).toBe(true);
  });

  it("stays unknown while the list cannot be read", async () => {
    await beginErasure(objects, "toys", "user-7", new Date());
    await server.refresh();
    await objects.put(paths.erased("toys"), "{");
    await server.refresh();
    expect([await knows("user-7"), await knows("user-8")]).toEqual([UNKNOWN, true]);
  });
});

describe("before the list could be read", () => {
  it("nobody is answered but with popular items, and it does not serve; then it does", async () => {
    const damaged = memoryObjects();
    await publishPersonal(damaged, MODEL);
    await damaged.put(paths.erased("toys"), "{");
    const server = await started(damaged);
    const late = clientTo(server);
    await expect(late.recommend({ user: "user-8" })).rejects.toThrow("UNAVAILABLE");
    expect((await late.popular({ n: 3 })).results).toHaveLength(3);
    expect(await late.health("")).toBe("NOT_SERVING");
    await damaged.delete(paths.erased("toys"));
    await server.refresh();
    expect((await late.recommend({ user: "user-8" })).results.length).toBeGreaterThan(0);
    expect(await late.health("")).toBe("SERVING");
  });
});
