import { HOME } from "./goods-home.ts";
import { KITCHEN } from "./goods-kitchen.ts";
import { LEISURE } from "./goods-leisure.ts";
import { OUTDOORS } from "./goods-outdoors.ts";

/** A kind of product: products of one type are substitutes for each other. */
export interface ProductType {
  noun: string;
  /** Prices of the cheapest and the dearest style. */
  price: [low: number, high: number];
  /** Cheapest first. */
  styles: string[];
  finishes: string[];
}

/**
 * A customers' interest. Its types complement each other; neighbours in the list go together best.
 */
export interface Interest {
  name: string;
  category: string;
  types: ProductType[];
}

/**
 * All goods of the shop, two interests a category. The word lists are text: `# category`, `##
 * interest`, then a product type a line: `noun | low-high price | styles | finishes`.
 */
export const INTERESTS: Interest[] = [KITCHEN, OUTDOORS, HOME, LEISURE].flatMap(readGoods);

function readGoods(text: string): Interest[] {
  const interests: Interest[] = [];
  let category = "";
  for (const line of text.trim().split(/\n+/)) {
    if (line.startsWith("## ")) interests.push({ name: line.slice(3), category, types: [] });
    else if (line.startsWith("# ")) category = line.slice(2);
    else interests.at(-1)!.types.push(readType(line));
  }
  return interests;
}

function readType(line: string): ProductType {
  const [noun, price, styles, finishes] = line.split("|").map((cell) => cell.trim());
  const [low, high] = price.split("-").map(Number);
  return { noun, price: [low, high], styles: styles.split(", "), finishes: finishes.split(", ") };
}
