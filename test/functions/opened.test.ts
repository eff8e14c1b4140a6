import { expect, it } from "vitest";
import { Opened } from "../../functions/opened.ts";

it("What was opened is kept for its key, and shared by all who come meanwhile", async () => {
  const opened = new Opened<object>();
  const [first, same, other] = await Promise.all(
    ["a", "a", "b"].map((key) => opened.get(key, async () => ({}))),
  );
  expect(same).toBe(first);
  expect(other).not.toBe(first);
});

it("What could not be opened is opened anew", async () => {
  const opened = new Opened<string>();
  await expect(opened.get("a", () => Promise.reject(new Error("away")))).rejects.toThrow("away");
  expect(await opened.get("a", async () => "there")).toBe("there");
});
