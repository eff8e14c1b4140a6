import type { Person } from "../../contracts/http/pages.ts";
import type { NewReview } from "../../day/reviews/review-store.ts";
import { planShop } from "./days.ts";
import { regulars } from "./people.ts";
import type { DemoSize } from "./size.ts";

/** What customers write, whatever it is about. */
const TEXTS: [stars: number, text: (what: string) => string][] = [
  [5, (what) => `I would buy the ${what} again tomorrow. Works perfectly, and looks even better.`],
  [4, (what) => `Good value for the money. The ${what} came two days late, but we are happy.`],
  [1, (what) => `Very disappointed with the ${what}. Broken in the first week, and nobody answers.`],
  [5, () => ""],
  [3, () => "Okay for the price, nothing special."],
  [4, (what) => `A gift for my sister. She loves the ${what} <3`],
  [2, (what) => `Poor quality. I sent the ${what} back after a day.`],
  // Stars and text may contradict each other.
  [5, (what) => `Awful, the ${what}! Five stars by mistake: do not waste your money.`],
  [5, () => "Excellent. The second one in our house, and the first is still as good as new."],
];
const OF_AN_ITEM = 3;

/** A review, and a key by which it is stored once. */
export type DemoReview = Pick<NewReview, "user" | "item" | "stars" | "text"> & { key: string };

/**
 * A few reviews of these items, each by another of the shop's regular customers. The same shop
 * gives the same ones. People whom a visitor may be have written none, so nothing limits theirs.
 */
export function demoReviews(
  size: DemoSize,
  people: readonly Person[],
  items: readonly { item: string; name: string }[],
): DemoReview[] {
  const visitors = new Set(people.map(({ user }) => user));
  const reviews: DemoReview[] = [];
  for (const { userId: user } of regulars(planShop({ ...size, days: 1 }))) {
    const at = reviews.length;
    const about = items[Math.floor(at / OF_AN_ITEM)];
    if (about === undefined) break;
    if (visitors.has(user)) continue;
    const [stars, text] = TEXTS[at % TEXTS.length];
    const what = nounOf(about.name);
    reviews.push({ user, item: about.item, stars, text: text(what), key: `demo ${user} ${about.item}` });
  }
  return reviews;
}

/** "Dome Tent, Green" and "The Tandoor: Curry Book, Paperback" are a dome tent and a curry book. */
const nounOf = (name: string) => name.split(",")[0].split(": ").at(-1)!.toLowerCase();
