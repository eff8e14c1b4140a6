import type { Person } from "../../contracts/http/pages.ts";
import { dayStart, planShop, type DemoShop } from "./days.ts";
import { habits, profile, type Customer } from "./customers.ts";
import { Random } from "../../core/random.ts";
import type { DemoSize } from "./size.ts";

const WANTED = 6;
/** Visits of a customer whom the shop knows well. */
const MANY = 8;

/** A few customers with accounts and many visits, each with another first interest. */
export function demoPeople(size: DemoSize): Person[] {
  const shop = planShop({ ...size, days: 1 });
  const { shelves, items } = shop;
  const people = new Map<number, Person>();
  for (const { userId, interests, focus } of regulars(shop)) {
    if (people.has(interests[0])) continue;
    const categories = interests.map((interest, k) => {
      const { types } = shelves.interests[interest];
      return items[types[focus[k]].items[0]].category;
    });
    people.set(interests[0], { user: userId, about: [...new Set(categories)].join(", ") });
    if (people.size === WANTED) break;
  }
  return [...people.values()];
}

/** Customers with accounts and many visits. */
export function* regulars({ size, shelves }: Pick<DemoShop, "size" | "shelves">): Generator<Customer> {
  const random = new Random();
  for (let number = 0; number < size.customers; number++) {
    if (habits(size.seed, number, random).visits < MANY) continue;
    const customer = profile(shelves, size.seed, number, dayStart(size, 0), random);
    if (customer.loggedInFrom <= 1) yield customer;
  }
}
