import type { Customer } from "./customers.ts";
import type { EventLines } from "./events.ts";
import type { Random } from "../../core/random.ts";
import { type Shelves, takeFrom } from "./shelves.ts";

const SECOND = 1_000_000;

/** Chances at each look at the shop. */
const BESTSELLER = 0.03;
const ANYTHING = 0.02;
const COMPLEMENT = 0.3;
const AGAIN = 0.08;
const TO_BASKET = 0.13;
const WITH_COMPLEMENT = 0.5;
const CHECKOUT = 0.4;
/** Views in a visit beyond the first, on average and at most. */
const MORE_VIEWS = 5;
const MOST_VIEWS = 40;

/**
 * One visit of a customer. They look at products of one type and its complements, put some into the
 * basket, and sometimes buy all of it. Every event belongs to the day on which the visit starts.
 */
export class Visit {
  readonly #shelves: Shelves;
  readonly #customer: Customer;
  readonly #lines: EventLines;
  readonly #random: Random;
  /** Microseconds since 1970. */
  #clock: number;
  readonly #endOfDay: number;
  readonly #seen: number[] = [];
  readonly #basket: number[] = [];
  #interest = 0;
  #type = 0;

  constructor(shelves: Shelves, customer: Customer, lines: EventLines, random: Random, start: number) {
    this.#shelves = shelves;
    this.#customer = customer;
    this.#lines = lines;
    this.#random = random;
    this.#clock = start;
    this.#endOfDay = (Math.floor(start / (86_400 * SECOND)) + 1) * 86_400 * SECOND - 1;
  }

  /** `featured` is the interest on the shop's front page this week. */
  browse(featured: number): void {
    this.#enter(featured);
    const views = Math.min(MOST_VIEWS, 1 + this.#random.geometric(MORE_VIEWS));
    for (let view = 0; view < views; view++) {
      const item = this.#nextItem();
      this.#look(item);
      if (this.#random.chance(TO_BASKET)) this.#fillBasket(item);
    }
    if (this.#basket.length > 0 && this.#random.chance(CHECKOUT)) this.#buy();
  }

  /** A passer-by looks at one product, and goes. */
  glance(): void {
    this.#enter(this.#customer.interests[0]);
    this.#look(this.#take(this.#type));
  }

  /** A program opens product after product, about one a second. */
  crawl(views: number): void {
    for (let view = 0; view < views; view++) {
      this.#clock += SECOND + this.#random.below(SECOND / 2);
      this.#lines.addView(this.#clock, this.#random.below(this.#shelves.size), this.#random);
    }
  }

  /** A program follows the sitemap, with pauses that it was told to make. */
  followSitemap(views: number): void {
    const first = this.#random.below(this.#shelves.size);
    for (let view = 0; view < views; view++) {
      this.#clock += 6 * SECOND + this.#random.below(4 * SECOND);
      this.#lines.addView(this.#clock, (first + view) % this.#shelves.size, this.#random);
    }
  }

  #enter(featured: number): void {
    const { interests, focus } = this.#customer;
    const draw = this.#random.next();
    const choice = Math.min(interests.length - 1, draw < 0.65 ? 0 : draw < 0.9 ? 1 : 2);
    const lured = this.#random.chance(0.06);
    this.#interest = lured ? featured : interests[choice];
    const { typeTotals } = this.#shelves.interests[this.#interest];
    this.#type = !lured && this.#random.chance(0.5) ? focus[choice] : this.#random.pick(typeTotals);
    this.#event("session_start", []);
    if (this.#random.chance(0.4)) this.#event("page_view", []);
    if (this.#random.chance(0.2))
      this.#event(
        "view_item_list",
        [0, 0, 0].map(() => this.#take(this.#type)),
      );
  }

  #nextItem(): number {
    if (this.#seen.length > 0 && this.#random.chance(AGAIN))
      return this.#seen[this.#random.below(this.#seen.length)];
    if (this.#random.chance(ANYTHING)) return this.#random.below(this.#shelves.size);
    if (this.#random.chance(BESTSELLER)) return this.#bestseller();
    if (this.#random.chance(COMPLEMENT)) this.#type = this.#complement();
    return this.#take(this.#type);
  }

  /** Neighbours of a product type in the word lists are its best complements. */
  #complement(): number {
    const last = this.#shelves.interests[this.#interest].types.length - 1;
    const distance = this.#random.chance(0.65) ? 1 : 2;
    const place = this.#type + (this.#random.chance(0.5) ? distance : -distance);
    return place < 0 ? distance : place > last ? last - distance : place;
  }

  #take(type: number): number {
    return takeFrom(this.#shelves.interests[this.#interest].types[type], this.#customer.taste, this.#random);
  }

  #bestseller(): number {
    return this.#shelves.bestsellers[this.#random.below(this.#shelves.bestsellers.length)];
  }

  #fillBasket(item: number): void {
    this.#putInBasket(item);
    if (!this.#random.chance(WITH_COMPLEMENT)) return;
    const complement = this.#take(this.#complement());
    this.#look(complement);
    this.#putInBasket(complement);
  }

  #look(item: number): void {
    this.#seen.push(item);
    this.#lines.addView(this.#tick(), item, this.#random);
  }

  #putInBasket(item: number): void {
    if (this.#basket.includes(item)) return;
    this.#basket.push(item);
    this.#event("add_to_cart", [item]);
  }

  #buy(): void {
    const quantities = this.#basket.map(() => 1 + this.#random.geometric(0.2));
    this.#lines.add("purchase", this.#tick(), this.#basket, quantities);
  }

  #event(name: string, items: number[]): void {
    this.#lines.add(name, this.#tick(), items);
  }

  /** A few seconds later. */
  #tick(): number {
    const pause = 3 * SECOND + this.#random.below(40 * SECOND);
    this.#clock = Math.min(this.#clock + pause, this.#endOfDay);
    return this.#clock;
  }
}
