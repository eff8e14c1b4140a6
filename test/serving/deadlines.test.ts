import { describe, expect, it } from "vitest";
import { withDeadlines } from "../../serving/deadlines.ts";
import { memoryObjects } from "../night/shop.ts";

const SNAPSHOT = "shops/toys/models/m/load=1/snapshot.arrow";

describe("storage that accepts a request and never answers it", () => {
  const silent = { ...memoryObjects(), get: () => new Promise<never>(() => {}) };

  it("fails the look after its deadline, which for a file of a model is another one", async () => {
    const objects = withDeadlines(silent, { small: 5, model: 10 });
    await expect(objects.get("shops/toys/current.json")).rejects.toThrow(
      "shops/toys/current.json did not come within 0.005 s",
    );
    await expect(objects.get(SNAPSHOT)).rejects.toThrow(`${SNAPSHOT} did not come within 0.01 s`);
  });

  it("is all that has a deadline: what comes in time is passed on, and so is why something failed", async () => {
    const stored = memoryObjects();
    await stored.put("list.json", new TextEncoder().encode("[]"));
    const failing = { ...stored, get: () => Promise.reject(new Error("503 from storage")) };
    expect(await withDeadlines(stored).get("list.json")).toEqual(await stored.get("list.json"));
    await expect(withDeadlines(failing).get("list.json")).rejects.toThrow("503 from storage");
  });
});
