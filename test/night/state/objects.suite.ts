import { describe, expect, it } from "vitest";
import { GenerationConflict, type Objects } from "../../../night/state/objects.ts";

const text = async (objects: Objects, path: string) => {
  const stored = await objects.get(path);
  return stored && new TextDecoder().decode(stored.data);
};

/** What every object storage must do; each adapter's test runs it. `open` gives an empty one. */
export function objectsSuite(open: () => Objects): void {
  describe("objects", () => {
    it("gives back what was put, and null for what was not", async () => {
      const objects = open();
      await objects.put("a/b.json", "{}");
      expect(await text(objects, "a/b.json")).toBe("{}");
      expect(await objects.get("a/c.json")).toBeNull();
    });

    it("creates only if there is none, when asked to", async () => {
      const objects = open();
      await objects.put("once", "first", { ifGeneration: null });
      await expect(objects.put("once", "second", { ifGeneration: null })).rejects.toThrow(GenerationConflict);
      expect(await text(objects, "once")).toBe("first");
    });

    it("swaps only the generation that was read", async () => {
      const objects = open();
      const first = await objects.put("doc", "1");
      const second = await objects.put("doc", "2", { ifGeneration: first });
      await expect(objects.put("doc", "3", { ifGeneration: first })).rejects.toThrow(GenerationConflict);
      expect(await objects.get("doc")).toMatchObject({ generation: second });
    });

    it("lets one of many swaps win", async () => {
      const objects = open();
      const ifGeneration = await objects.put("doc", "0");
      const swaps = Array.from({ length: 8 }, (_, k) => objects.put("doc", `${k + 1}`, { ifGeneration }));
      const settled = await Promise.allSettled(swaps);
      expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    });

    it("lists what starts with a prefix, in order, as text and not as folders", async () => {
      const objects = open();
      for (const path of ["p/x/2", "p/x/10", "p/xy", "p/y", "q"]) await objects.put(path, "");
      expect(await objects.list("p/x")).toEqual(["p/x/10", "p/x/2", "p/xy"]);
      expect(await objects.list("p/x/")).toEqual(["p/x/10", "p/x/2"]);
      expect(await objects.list("none/")).toEqual([]);
    });

    it("deletes, and does not mind if there is nothing", async () => {
      const objects = open();
      await objects.put("p/a", "");
      await objects.delete("p/a");
      await objects.delete("p/a");
      expect(await objects.list("")).toEqual([]);
    });
  });
}
