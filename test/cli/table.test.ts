import { expect, it } from "vitest";
import { table } from "../../cli/table.ts";

it("shows control characters of an id instead of sending them to the terminal", () => {
  const lines = table(["item", "reviews"], [["tea\u001b[2J\r\nforged", "1,234"]]).split("\n");
  expect(lines).toEqual([
    "item                      reviews",
    "────────────────────────  ───────",
    String.raw`tea\x1b[2J\x0d\x0aforged    1,234`,
  ]);
});
