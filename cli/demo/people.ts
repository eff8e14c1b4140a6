import type { Person } from "../../contracts/http/pages.ts";
import { dayStart, planShop } from "./days.ts";
import { habits, profile } from "./customers.ts";
import { Random } from "./random.ts";
import type { DemoSize } from "./size.ts";

const WANTED = 6;
/** Visits of a customer whom the shop knows well. */
const MANY = 8;

/** A few customers with accounts and many visits, each with another first interest. */
export function demoPeople(size: DemoSize): Person[] {
  const { shelves, items } = planShop({ ...size, days: 1 });
  const random = new Random();
  const people = new Map<number, Person>();
  for (let number = 0; number < size.customers && people.size < WANTED; number++) {
    if (habits(size.seed, number, random).visits < MANY) continue;
    const { userId, loggedInFrom, interests, focus } = profile(
      shelves,
      size.seed,
      number,
      dayStart(size, 0),
      random,
    );
    if (loggedInFrom > 1 || people.has(interests[0])) continue;
    const categories = interests.map((interest, k) => {
      const { types } = shelves.interests[interest];
      return items[types[focus[k]].items[0]].category;
    });
    people.set(interests[0], { user: userId, about: [...new Set(categories)].join(", ") });
  }
  return [...people.values()];
}
