import { Problem } from "../../contracts/problem.ts";
import { MAX_ITEMS, MIN_ITEMS } from "./catalogue.ts";

/** The inputs of a demo shop: the same size always gives the same files, byte for byte. */
export interface DemoSize {
  customers: number;
  items: number;
  days: number;
  /** The last whole day, `2026-10-31`. */
  lastDay: string;
  seed: number;
}

export const DEMO_SIZE: DemoSize = {
  customers: 20_000,
  items: 3_000,
  days: 30,
  lastDay: "2026-10-31",
  seed: 1,
};

/**
 * Mean number of events of a customer, for any length of the window: 385,000 customers make 10
 * million. (Measured: 520,763 events of 20,000 customers.)
 */
export const EVENTS_PER_CUSTOMER = 26;

const LIMITS = {
  customers: [1, 5_000_000],
  items: [MIN_ITEMS, MAX_ITEMS],
  days: [1, 366],
  seed: [0, 4_294_967_295],
} as const;

/** @throws Problem that names the first number that makes no shop. */
export function checkSize(size: DemoSize): void {
  for (const [name, [low, high]] of Object.entries(LIMITS)) {
    const value = size[name as keyof typeof LIMITS];
    if (Number.isInteger(value) && value >= low && value <= high) continue;
    throw refusal(`${name} is ${value}`, `Choose ${name} from ${low} to ${high}`);
  }
  if (!isDay(size.lastDay)) {
    throw refusal(
      `the last day is "${size.lastDay}"`,
      "Write it as a day from 2001 to 2099, like 2026-10-31",
    );
  }
}

function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return (
    /^20(0[1-9]|[1-9]\d)-\d\d-\d\d$/.test(text) &&
    !Number.isNaN(time) &&
    new Date(time).toISOString().startsWith(text)
  );
}

const refusal = (why: string, next: string) => new Problem({ doing: "Making the demo shop", why, next });
