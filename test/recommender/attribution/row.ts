import type { AttributionRow } from "../../../contracts/http/attribution.ts";

/** A row of this moment and id. */
export const row = (at: string, id: string): AttributionRow => ({
  at,
  id,
  answer: "x",
  event: "click",
  item: "a",
  source: "model",
  scenario: "similar",
  model: "m",
  position: 1,
});
