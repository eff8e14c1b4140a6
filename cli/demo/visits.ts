import { habits } from "./customers.ts";
import { Random, runningTotals } from "../../core/random.ts";
import type { DemoSize } from "./size.ts";

/**
 * All visits by day. Four bytes for a visit's customer and one for its number: the shop remembers
 * no more.
 */
export interface Visits {
  /**
   * Day d's visits are those from starts[d] up to starts[d + 1]. The day after the last has begun,
   * too.
   */
  starts: Uint32Array;
  customers: Uint32Array;
  /** The number of the visit among the customer's own, from 0. */
  numbers: Uint8Array;
}

/** Sunday first. */
const WEEKDAYS = [1.25, 1.1, 1, 1, 0.95, 0.85, 1.05];
/**
 * The share of the day after the last that has passed: its events are still in the intraday table.
 */
export const MORNING = 0.3;

/** Spreads the visits of all customers over the days, in order of day, customer and number. */
export function planVisits(size: DemoSize): Visits {
  const starts = new Uint32Array(size.days + 2);
  forEachVisit(size, (day) => starts[day + 1]++);
  for (let day = 0; day <= size.days; day++) starts[day + 1] += starts[day];
  const next = starts.slice();
  const customers = new Uint32Array(next[size.days + 1]);
  const numbers = new Uint8Array(customers.length);
  forEachVisit(size, (day, customer, number) => {
    customers[next[day]] = customer;
    numbers[next[day]++] = number;
  });
  return { starts, customers, numbers };
}

function forEachVisit(size: DemoSize, visit: (day: number, customer: number, number: number) => void): void {
  const totals = dayTotals(size);
  const random = new Random();
  for (let customer = 0; customer < size.customers; customer++) {
    const { visits } = habits(size.seed, customer, random);
    const days = Array.from({ length: visits }, () => random.pick(totals)).toSorted((a, b) => a - b);
    days.forEach((day, number) => visit(day, customer, number));
  }
}

function dayTotals({ days, lastDay }: DemoSize): Float64Array {
  const lastWeekday = new Date(`${lastDay}T00:00:00Z`).getUTCDay();
  const weights = Array.from({ length: days + 1 }, (_, day) => {
    const weekday = (((lastWeekday + day - (days - 1)) % 7) + 7) % 7;
    return day === days ? WEEKDAYS[weekday] * MORNING : WEEKDAYS[weekday];
  });
  return runningTotals(weights);
}
