import { expect, it } from "vitest";
import { traceOf } from "../../../day/calls.ts";
import { traceparentBelow } from "../../../recommender/http/trace.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";

it("A trace goes on under a new span, with its flags; a later version's too", () => {
  for (const header of [`00-${TRACE}-${PARENT}-01`, `01-${TRACE}-${PARENT}-01-more`]) {
    const below = traceparentBelow(header);
    expect(below).toMatch(new RegExp(`^00-${TRACE}-[\\da-f]{16}-01$`));
    expect(below).not.toContain(PARENT);
    expect(traceOf(below)).toBe(TRACE);
  }
});

it.each([
  undefined,
  "",
  [`00-${TRACE}-${PARENT}-01`, `00-${TRACE}-${PARENT}-01`],
  `ff-${TRACE}-${PARENT}-01`,
  `00-${"0".repeat(32)}-${PARENT}-01`,
  `00-${TRACE}-${"0".repeat(16)}-01`,
  `00-${TRACE.toUpperCase()}-${PARENT}-01`,
  `00-${TRACE}-${PARENT}-012`,
  `00-${TRACE}-${PARENT}-01-more`,
  `00-${TRACE}-${PARENT}`,
])("Without a trace that W3C's rules allow one begins: %j", (header) => {
  const made = traceparentBelow(header);
  expect(made).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-00$/);
  expect(made).not.toContain(TRACE);
});
