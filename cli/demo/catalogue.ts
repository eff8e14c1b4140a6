import { INTERESTS, type Interest, type ProductType } from "./goods.ts";
import { Random } from "../../core/random.ts";

/** A product of the demo shop, with its place in the shop. */
export interface DemoItem {
  item: string;
  name: string;
  category: string;
  price: number;
  available: boolean;
  /** Index into INTERESTS. */
  interest: number;
  /** Place of the product type within its interest. */
  type: number;
  /** Places in the type's lists; styles go from cheap to dear. */
  style: number;
  finish: number;
}

/**
 * Products without a maker's name come first. Makers are for catalogues larger than the word lists.
 */
const MAKERS = [
  "",
  "Alder",
  "Brightwell",
  "Cairn",
  "Dunmore",
  "Eriksen",
  "Fairlight",
  "Garrow",
  "Hollis",
  "Ingram",
];
MAKERS.push(
  "Juniper",
  "Kestrel",
  "Linden",
  "Marlow",
  "Nordby",
  "Osprey",
  "Pemberton",
  "Quill",
  "Rowan",
  "Solberg",
);

/** A smaller catalogue has fewer interests, so that each product type still offers a choice. */
const ITEMS_PER_INTEREST = 48;
export const MIN_ITEMS = ITEMS_PER_INTEREST;
export const MAX_ITEMS = INTERESTS.flatMap(({ types }) => types).reduce(
  (sum, { styles, finishes }) => sum + styles.length * finishes.length * MAKERS.length,
  0,
);

/** Makes `count` products (MIN_ITEMS to MAX_ITEMS), interest by interest and type by type. */
export function makeCatalogue(count: number, seed: number): DemoItem[] {
  const random = new Random(seed, 0xca7a, 0);
  const interests = INTERESTS.slice(0, Math.floor(count / ITEMS_PER_INTEREST));
  const types = interests.flatMap((interest, k) => interest.types.map((_, type) => ({ interest, k, type })));
  return types.flatMap(({ interest, k, type }, place) => {
    const first = Math.floor((place * count) / types.length);
    const next = Math.floor(((place + 1) * count) / types.length);
    return Array.from({ length: next - first }, (_, number) => ({
      ...product(interest, interest.types[type], number, random),
      interest: k,
      type,
    }));
  });
}

function product(interest: Interest, type: ProductType, number: number, random: Random) {
  const { noun, styles, finishes } = type;
  const style = number % styles.length;
  const finish = Math.floor(number / styles.length) % finishes.length;
  const maker = MAKERS[Math.floor(number / (styles.length * finishes.length))];
  return {
    item: `${slug(noun)}-${String(number + 1).padStart(3, "0")}`,
    name: `${styles[style]} ${noun}, ${finishes[finish]}${maker && ` (${maker})`}`,
    category: interest.category,
    price: priceOf(type, style, random),
    available: !random.chance(0.03),
    style,
    finish,
  };
}

const slug = (noun: string) => noun.toLowerCase().replaceAll("'", "").replaceAll(" ", "-");

/**
 * From the low price to the high one in equal ratios, give or take 10 %. It ends in .90, as shops'
 * prices do.
 */
function priceOf({ price: [low, high], styles }: ProductType, style: number, random: Random): number {
  const middle = low * (high / low) ** (style / (styles.length - 1));
  return Math.max(1, Math.round(middle * (0.9 + 0.2 * random.next()))) - 0.1;
}

/** The catalogue as a feed for Google Merchant, as shops have one. */
export function catalogueXml(items: DemoItem[]): string {
  const entries = items.map(({ item, name, category, price, available }) =>
    [
      "<item>",
      `<g:id>${item}</g:id>`,
      `<g:title>${escaped(name)}</g:title>`,
      `<g:product_type>${escaped(category)}</g:product_type>`,
      `<g:price>${price.toFixed(2)} EUR</g:price>`,
      `<g:availability>${available ? "in_stock" : "out_of_stock"}</g:availability>`,
      `<g:link>https://shop.example/items/${item}</g:link>`,
      `<g:image_link>https://shop.example/images/${item}.jpg</g:image_link>`,
      "</item>",
    ].join(""),
  );
  return [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Demo shop</title>`,
    ...entries,
    "</channel></rss>\n",
  ].join("\n");
}

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
