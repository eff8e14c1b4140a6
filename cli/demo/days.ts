import { makeCatalogue, type DemoItem } from "./catalogue.ts";
import { FIRST_VISIT_STREAM, followsSitemap, habits, isBot, profile, type Customer } from "./customers.ts";
import { EventLines, itemJson } from "./events.ts";
import { Random, runningTotals } from "../../core/random.ts";
import { type Shelves, stockShelves } from "./shelves.ts";
import type { DemoSize } from "./size.ts";
import { Visit } from "./visit.ts";
import { MORNING, planVisits, type Visits } from "./visits.ts";

const DAY_SECONDS = 86_400;
const BOT_VIEWS = 1500;
const BOT_HOUR = 3;
/** Relative traffic of the hours of a day, in UTC. */
const HOURS = runningTotals([2, 1, 1, 1, 1, 2, 4, 6, 7, 7, 7, 7, 8, 7, 6, 6, 7, 9, 11, 12, 13, 12, 6]);
/** Text handed out at once: large enough to compress well, small enough to hold. */
const CHUNK = 1 << 18;

/** All inputs of a demo shop's events. */
export interface DemoShop {
  size: DemoSize;
  items: DemoItem[];
  itemTexts: string[];
  shelves: Shelves;
  visits: Visits;
}

/** Plans a shop; the size must have passed `checkSize`. */
export function planShop(size: DemoSize): DemoShop {
  const items = makeCatalogue(size.items, size.seed);
  const shelves = stockShelves(items, size.seed);
  return { size, items, itemTexts: items.map(itemJson), shelves, visits: planVisits(size) };
}

/** Seconds since 1970 at which day `day` of the shop starts; day 0 is the first. */
export function dayStart({ lastDay, days }: DemoSize, day: number): number {
  return Date.parse(`${lastDay}T00:00:00Z`) / 1000 + (day - days + 1) * DAY_SECONDS;
}

/** Day `day` as in file names: 20261031. */
export function dayName(size: DemoSize, day: number): string {
  return new Date(dayStart(size, day) * 1000).toISOString().slice(0, 10).replaceAll("-", "");
}

/**
 * The event lines of a day's first visits (`share` of them, 0 to 1), in chunks; returns the number
 * of lines. The day after the last (`day` = days) ends in the morning.
 */
export function* dayLines(shop: DemoShop, day: number, share: number): Generator<string, number> {
  const { visits, size } = shop;
  const lines = new EventLines(dayName(size, day), shop.itemTexts);
  const random = new Random();
  const first = visits.starts[day];
  const end = first + Math.ceil(share * (visits.starts[day + 1] - first));
  for (let visit = first; visit < end; visit++) {
    writeVisit(shop, day, visits.customers[visit], visits.numbers[visit], lines, random);
    if (lines.length > CHUNK) yield lines.take();
  }
  yield lines.take();
  return lines.count;
}

function writeVisit(
  shop: DemoShop,
  day: number,
  number: number,
  which: number,
  lines: EventLines,
  random: Random,
) {
  const { size, shelves } = shop;
  const { passerBy } = habits(size.seed, number, random);
  const customer = profile(shelves, size.seed, number, dayStart(size, 0), random);
  random.reseed(size.seed, number, FIRST_VISIT_STREAM + which);
  lines.visitor(visitor(customer, which, random));
  const visit = new Visit(shelves, customer, lines, random, visitStart(size, day, isBot(number), random));
  if (followsSitemap(number)) visit.followSitemap(BOT_VIEWS);
  else if (isBot(number)) visit.crawl(BOT_VIEWS);
  else if (passerBy) visit.glance();
  else visit.browse(featuredInterest(shelves, day));
}

function visitor({ devices, userId, loggedInFrom, country }: Customer, which: number, random: Random) {
  const { id, category } = devices[random.below(devices.length)];
  return { deviceId: id, device: category, userId: which >= loggedInFrom ? userId : undefined, country };
}

/** Microseconds since 1970. */
function visitStart(size: DemoSize, day: number, bot: boolean, random: Random): number {
  const seconds = (bot ? BOT_HOUR : random.pick(HOURS)) * 3600 + random.below(3600);
  const squeezed = day === size.days ? Math.floor(seconds * MORNING) : seconds;
  return (dayStart(size, day) + squeezed) * 1_000_000 + random.below(1_000_000);
}

/** The front page features another interest every week. */
function featuredInterest({ interests }: Shelves, day: number): number {
  return (Math.floor(day / 7) * 5) % interests.length;
}
