import { profile, type Customer } from "./customers.ts";
import { dayLines, dayStart, planShop, type DemoShop } from "./days.ts";
import { Random } from "../../core/random.ts";
import { liking, takeFrom } from "./shelves.ts";
import type { DemoSize } from "./size.ts";

/** A review, and what its text says: from 0 to 1. Null: there is no text. */
export interface Opinion {
  user: string;
  item: string;
  stars: number;
  sentiment: number | null;
}

/** What customers of a demo shop think. */
export interface Opinions {
  reviews: Opinion[];
  /** What customers would like of what they have not seen: the true taste. */
  liked: { user: string; item: string }[];
}

/** One item in so many disappoints whoever buys it, however well it sells. */
const ITEMS_PER_BAD = 10;
const REVIEWED = 0.5;
const WITH_TEXT = 0.8;
/** Reviews whose writer has the order of stars upside down. */
const UPSIDE_DOWN = 0.03;
const LIKED = 5;
const MOST_DRAWS = 200;

/** The random streams. */
const ITEMS = 0x0bad;
const REVIEWS = 0x5a7d;
const WISHES = 0x3154;

/**
 * Reviews of half of what customers with accounts bought. Stars follow how well an item fits the
 * customer, and whether it is any good; so does the text, but for noise. What customers would like
 * is drawn as they choose when they visit, without what they have seen, and without bad items.
 */
export function makeOpinions(size: DemoSize): Opinions {
  const shop = planShop(size);
  const bad = badItems(size);
  const random = new Random();
  const opinions: Opinions = { reviews: [], liked: [] };
  for (const [number, { seen, bought }] of [...histories(shop)].toSorted(([a], [b]) => a - b)) {
    if (bought.size === 0) continue;
    const customer = profile(shop.shelves, size.seed, number, dayStart(size, 0), random);
    const user = customer.userId;
    random.reseed(size.seed, number, REVIEWS);
    for (const item of bought) {
      if (!random.chance(REVIEWED)) continue;
      const happiness = bad.has(item) ? 0.1 : 0.5 + 0.5 * liking(shop.items[item], customer.taste);
      opinions.reviews.push({ user, item: shop.items[item].item, ...review(happiness, random) });
    }
    random.reseed(size.seed, number, WISHES);
    for (const item of wishes(shop, customer, (item) => bad.has(item) || seen.has(item), random))
      opinions.liked.push({ user, item: shop.items[item].item });
  }
  return opinions;
}

function badItems({ items, seed }: DemoSize): Set<number> {
  const random = new Random(seed, ITEMS, 0);
  const all = Array.from({ length: items }, (_, item) => item);
  return new Set(all.filter(() => random.chance(1 / ITEMS_PER_BAD)));
}

function review(happiness: number, random: Random): Pick<Opinion, "stars" | "sentiment"> {
  const within = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
  const meant = within(Math.round(1 + 4 * happiness + 0.7 * random.normal()), 1, 5);
  const stars = random.chance(UPSIDE_DOWN) ? 6 - meant : meant;
  const sentiment = within(happiness + 0.15 * random.normal(), 0, 1);
  return { stars, sentiment: random.chance(WITH_TEXT) ? Number(sentiment.toFixed(4)) : null };
}

interface History {
  seen: Set<number>;
  bought: Set<number>;
}

/** What customers did while they were signed in, by number. */
function histories(shop: DemoShop): Map<number, History> {
  const numberOf = new Map(shop.items.map(({ item }, number) => [item, number]));
  const found = new Map<number, History>();
  for (let day = 0; day < shop.size.days; day++) {
    for (const chunk of dayLines(shop, day, 1)) {
      for (const line of chunk.split("\n")) {
        const customer = /"user_id":"c(\d+)"/.exec(line)?.[1];
        if (customer === undefined) continue;
        const isPurchase = line.includes('"event_name":"purchase"');
        if (!found.has(Number(customer))) found.set(Number(customer), { seen: new Set(), bought: new Set() });
        const { seen, bought } = found.get(Number(customer))!;
        for (const [, id] of line.matchAll(/"item_id":"([^"]+)"/g)) {
          const item = numberOf.get(id);
          if (item === undefined) continue;
          seen.add(item);
          if (isPurchase) bought.add(item);
        }
      }
    }
  }
  return found;
}

/** Draws as a visit does: an interest, one of its types, a product by taste. */
function wishes(
  { shelves }: DemoShop,
  { interests, focus, taste }: Customer,
  isOut: (item: number) => boolean,
  random: Random,
): Set<number> {
  const wanted = new Set<number>();
  for (let draws = 0; draws < MOST_DRAWS && wanted.size < LIKED; draws++) {
    const draw = random.next();
    const choice = Math.min(interests.length - 1, draw < 0.65 ? 0 : draw < 0.9 ? 1 : 2);
    const { types, typeTotals } = shelves.interests[interests[choice]];
    const type = random.chance(0.5) ? focus[choice] : random.pick(typeTotals);
    const item = takeFrom(types[type], taste, random);
    if (!isOut(item)) wanted.add(item);
  }
  return wanted;
}
