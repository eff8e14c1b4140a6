import { EVENTS, type EventName } from "./interactions.ts";

/** The neighbour tables of a model, and the events that each is made of. */
export const SCENARIOS = {
  /** What else people like who liked this: all events. */
  similar: EVENTS,
  /** What goes with it: what people put into the basket or bought. */
  together: ["add_to_cart", "purchase"],
} as const satisfies Record<string, readonly EventName[]>;
export type ScenarioName = keyof typeof SCENARIOS;
export const SCENARIO_NAMES = Object.keys(SCENARIOS) as ScenarioName[];
