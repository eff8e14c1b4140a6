import type { DemoItem } from "./catalogue.ts";
import { Random, runningTotals } from "../../core/random.ts";

/** A customer's taste within any product type. */
export interface Taste {
  /** 0 thrifty, 1 in between, 2 choosy. */
  priceLevel: number;
  /** The place in the type's list of the customer's favourite colour, material or size. */
  finish: number;
}

const PRICE_LEVELS = 3;
const FINISHES = 3;

/** A product type on sale: its products, and their chances for each taste. */
interface Shelf {
  items: number[];
  /** Running totals over `items`, by taste. */
  totals: Float64Array[];
}

/** The shop as customers see it: interests, their product types, and popular items. */
export interface Shelves {
  interests: { types: Shelf[]; typeTotals: Float64Array }[];
  interestTotals: Float64Array;
  /** Items that everyone looks at, whatever their taste. */
  bestsellers: number[];
  /** The number of items. */
  size: number;
}

const BESTSELLERS = 12;

/**
 * Popularity follows Zipf's law at each level, with an exponent of its own: among interests, among
 * the types of an interest, among the products of a type.
 */
export function stockShelves(items: DemoItem[], seed: number): Shelves {
  const random = new Random(seed, 0x5e1f, 0);
  const zipf = (count: number, exponent: number) => random.ranks(count).map((rank) => rank ** -exponent);
  const groups = groupByType(items);
  const interestTotals = runningTotals(zipf(groups.length, 0.5));
  const interests = groups.map((types) => ({
    typeTotals: runningTotals(zipf(types.length, 0.6)),
    types: types.map((type) => stockShelf(items, type, zipf(type.length, 1.3))),
  }));
  const bestsellers = Array.from({ length: BESTSELLERS }, () => {
    const { types, typeTotals } = interests[random.pick(interestTotals)];
    return takeFrom(types[random.pick(typeTotals)], { priceLevel: 1, finish: 1 }, random);
  });
  return { interests, interestTotals, bestsellers, size: items.length };
}

function groupByType(items: DemoItem[]): number[][][] {
  const interests: number[][][] = [];
  items.forEach(({ interest, type }, index) => ((interests[interest] ??= [])[type] ??= []).push(index));
  return interests;
}

function stockShelf(items: DemoItem[], shelf: number[], popularity: number[]): Shelf {
  const totals = Array.from({ length: PRICE_LEVELS * FINISHES }, (_, taste) =>
    runningTotals(
      shelf.map(
        (item, k) =>
          popularity[k] *
          liking(items[item], { priceLevel: Math.floor(taste / FINISHES), finish: taste % FINISHES }),
      ),
    ),
  );
  return { items: shelf, totals };
}

/**
 * How much a customer likes an item, up to 1. A style too cheap or too dear for them counts less,
 * step by step. A favourite finish counts threefold.
 */
export function liking({ style, finish }: DemoItem, taste: Taste): number {
  return Math.exp(-0.7 * Math.abs(style - 1.5 * taste.priceLevel)) * (finish === taste.finish ? 1 : 0.33);
}

/** Takes an item from a shelf as a customer of this taste would. */
export function takeFrom(shelf: Shelf, { priceLevel, finish }: Taste, random: Random): number {
  return shelf.items[random.pick(shelf.totals[priceLevel * FINISHES + finish])];
}
