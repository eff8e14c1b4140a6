import { Random, runningTotals } from "../../core/random.ts";
import type { Shelves, Taste } from "./shelves.ts";

/**
 * A visitor, derived from the seed and the customer's number when needed: none is kept in memory.
 */
export interface Customer {
  taste: Taste;
  /** One to three interests, the strongest first. */
  interests: number[];
  /** The product type that interests the customer in each interest. */
  focus: number[];
  /** Browser cookies; some customers have a second device. */
  devices: { id: string; category: string }[];
  /** Known from visit number `loggedInFrom` on (counted from 0). */
  userId: string;
  loggedInFrom: number;
  country: string;
}

/** The random streams of one customer: visits have 2 and above. */
const PROFILE = 0;
const HABITS = 1;
export const FIRST_VISIT_STREAM = 2;

/** One in so many customers is a program that walks through the catalogue. */
const CUSTOMERS_PER_BOT = 4000;
const FIRST_BOT = 500;
const BOT_VISITS = 2;
const MAX_VISITS = 40;

const DEVICES = ["mobile", "desktop", "tablet"];
const DEVICE_TOTALS = runningTotals([60, 34, 6]);
const COUNTRIES = ["Germany", "France", "United Kingdom", "Netherlands", "Spain", "Italy", "Sweden"];
const COUNTRY_TOTALS = runningTotals([30, 20, 18, 12, 8, 8, 4]);

export const isBot = (number: number) => number % CUSTOMERS_PER_BOT === FIRST_BOT;

/** Every second one follows the sitemap, slowly; the others hurry from item to item by chance. */
export const followsSitemap = (number: number) =>
  number % (2 * CUSTOMERS_PER_BOT) === CUSTOMERS_PER_BOT + FIRST_BOT;

/**
 * A customer's number of visits: one in five comes once and sees one item, a few come nearly daily.
 */
export function habits(seed: number, number: number, random: Random): { visits: number; passerBy: boolean } {
  random.reseed(seed, number, HABITS);
  if (isBot(number)) return { visits: BOT_VISITS, passerBy: false };
  if (random.chance(0.22)) return { visits: 1, passerBy: true };
  return {
    visits: Math.min(MAX_VISITS, 1 + Math.floor(Math.exp(1.1 * random.normal() + 0.5))),
    passerBy: false,
  };
}

/**
 * Makes the profile of customer `number`. Cookies are older than `firstDay` (seconds since 1970).
 */
export function profile(
  shelves: Shelves,
  seed: number,
  number: number,
  firstDay: number,
  random: Random,
): Customer {
  random.reseed(seed, number, PROFILE);
  const interests = chooseInterests(shelves, random);
  const account = random.chance(0.4) && !isBot(number);
  const device = () => ({
    id: `${1_000_000_000 + random.below(1_147_483_648)}.${firstDay - random.below(365 * 86_400)}`,
    category: DEVICES[random.pick(DEVICE_TOTALS)],
  });
  return {
    taste: { priceLevel: random.below(3), finish: random.below(3) },
    interests,
    focus: interests.map((interest) => random.pick(shelves.interests[interest].typeTotals)),
    devices: account && random.chance(0.3) ? [device(), device()] : [device()],
    userId: `c${String(number).padStart(6, "0")}`,
    loggedInFrom: account ? random.geometric(0.7) : Infinity,
    country: COUNTRIES[random.pick(COUNTRY_TOTALS)],
  };
}

/** Interests of one category stand in pairs: people who bake often cook too. */
function chooseInterests({ interestTotals }: Shelves, random: Random): number[] {
  const interests = [random.pick(interestTotals)];
  const sibling = interests[0] ^ 1;
  if (random.chance(0.5)) {
    interests.push(
      random.chance(0.5) && sibling < interestTotals.length ? sibling : random.pick(interestTotals),
    );
  }
  if (random.chance(0.2)) interests.push(random.pick(interestTotals));
  return interests;
}
