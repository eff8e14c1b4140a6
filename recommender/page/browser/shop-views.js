/** The views of a storefront: lists of products, one product, the basket. */
import { describe, findItems, getNeighbours, Refused } from "./api.js";
import { addressOf, recommended, shelf, tile } from "./cards.js";
import { element } from "./dom.js";
import { forYou } from "./for-you.js";
import { Reviews } from "./reviews/reviews.js";
import { click, look, putIn, takeOut, visit, who } from "./visit.js";
import { countText, nameOf, priceText } from "./words.js";

/** @typedef {import("./api.js").Item} Item */
/** @typedef {import("./api.js").ShopAnswer["categories"]} Categories */
/** @typedef {import("./api.js").RecommendationRequest} RecommendationRequest */
/** @typedef {import("./cards.js").Card} Card */

/** @param {string} category */
const categoryAddress = (category) => `#/category/${encodeURIComponent(category)}`;

const history = () => ({ browsed: visit.browsed, basket: visit.basket, purchased: visit.purchased });

/** @param {Categories} categories @param {string} [chosen] */
function categoryLinks(categories, chosen) {
  const link = (/** @type {string} */ text, /** @type {string} */ href, /** @type {boolean} */ isChosen) =>
    element("li", {}, element("a", { href, "aria-current": isChosen ? "page" : undefined }, text));
  return element(
    "nav",
    { "aria-label": "Categories" },
    element(
      "ul",
      { class: "chips" },
      link("All", "#/", chosen === undefined),
      ...categories.map(({ category }) => link(category, categoryAddress(category), category === chosen)),
    ),
  );
}

/**
 * The shop, or a category of it: what fits the visitor, then what is popular.
 * @param {Pick<import("./api.js").ShopAnswer, "categories" | "hasPersonalizer">} shop
 * @param {string | undefined} category
 * @param {(text: string) => void} say
 */
export async function homeView({ categories, hasPersonalizer }, category, say) {
  const filter = category === undefined ? {} : { filter: { category } };
  const [mine, popular] = await Promise.all([
    hasPersonalizer ? forPerson(category, say) : byVisit(filter),
    recommended({ n: 24, exclude: visit.basket, ...filter }),
  ]);
  const items = categories.find((other) => other.category === category)?.items;
  return [
    element("h1", { tabindex: -1 }, category ?? "Welcome"),
    element(
      "p",
      { class: "lead" },
      items === undefined
        ? "Open a product to see what others liked who liked it; fill the basket to see what goes together."
        : `${countText(items)} products`,
    ),
    categoryLinks(categories, category),
    ...mine,
    shelf(
      "Popular",
      // All are there for the same reason.
      popular.map(({ why: _, ...card }) => card),
    ),
  ];
}

const hasHistory = () => Object.values(visit).some((list) => list.length > 0);

/** Without a Personalizer only this visit counts. @param {Pick<RecommendationRequest, "filter">} filter */
async function byVisit(filter) {
  const mine = hasHistory() ? await recommended({ ...history(), n: 4, halfLife: 5, ...filter }) : [];
  return mine.length > 0 ? [shelf("For you", mine)] : [];
}

/** @param {string | undefined} category @param {(text: string) => void} say */
const forPerson = async (category, say) =>
  who.user !== null || hasHistory() ? [await forYou(category, say)] : [];

/** @param {Categories} categories @param {string} words */
export async function searchView(categories, words) {
  const items = await findItems(words);
  return [
    element("h1", { tabindex: -1 }, `“${words}”`),
    categoryLinks(categories, ""),
    items.length > 0
      ? shelf(
          "Found",
          items.map((item) => ({ item })),
        )
      : element("p", { class: "still" }, "No product has these words."),
  ];
}

/**
 * @param {string} id
 * @param {Pick<import("./api.js").ShopAnswer, "reviews">} shop
 * @param {() => void} changed called when the basket has changed
 * @param {(text: string) => void} say
 */
export async function productView(id, shop, changed, say) {
  const near = await getNeighbours(id, "similar", 8).catch((error) => {
    if (error instanceof Refused && error.status === 404) return null;
    throw error;
  });
  if (near === null) return unknownView();
  look(id);
  const { item } = near;
  // Items looked at before count too, but less and less. The basket has answers of its own.
  const hidden = [...visit.basket, ...visit.purchased];
  const liked = await recommended({ browsed: visit.browsed.slice(-5), exclude: hidden, n: 8, halfLife: 1 });
  const add = () => {
    putIn(id);
    changed();
  };
  const button = element("button", { id: "add", type: "button", class: "main", "data-item": id, click: add });
  labelAdd(button);
  // They load by themselves: nobody waits for them.
  const reviews = shop.reviews && new Reviews(id, shop.reviews, say);
  return [
    element(
      "article",
      { class: "product" },
      tile(item),
      element(
        "div",
        {},
        item.category === null
          ? null
          : element("a", { class: "category", href: categoryAddress(item.category) }, item.category),
        element("h1", { tabindex: -1 }, nameOf(item)),
        reviews?.rating ?? null,
        element("p", { class: "price" }, priceText(item.price)),
        button,
      ),
    ),
    shelf("Others liked", liked),
    ...(reviews ? [reviews.section] : []),
    shelf(
      "Closest to it",
      near.neighbours.map(({ score, ...item }) => ({ item, score })),
      "grid tight",
    ),
  ];
}

const unknownView = () => [
  element("h1", { tabindex: -1 }, "Not found"),
  element("p", { class: "still" }, "The model does not know this product, or not yet."),
  element("p", {}, element("a", { href: "#/" }, "Back to the shop")),
];

/** Labels a product's button. It may be pressed again, so it keeps the focus. @param {Element} button */
export function labelAdd(button) {
  const isIn = visit.basket.includes(button.getAttribute("data-item") ?? "");
  button.textContent = isIn ? "In the basket ✓" : "Add to basket";
}

/** @param {() => void} changed @param {() => void} purchase */
export async function basketView(changed, purchase) {
  const items = await describe(visit.basket);
  if (items.length === 0)
    return [element("p", { class: "still" }, "It is empty. What goes with its products will show below.")];
  const total = items.reduce((sum, { price }) => sum + (price ?? 0), 0);
  const line = (/** @type {Item} */ item) => {
    const remove = () => {
      takeOut(item.item);
      changed();
    };
    return element(
      "li",
      {},
      element("a", { class: "name", href: addressOf(item.item) }, nameOf(item)),
      element("span", { class: "price" }, priceText(item.price)),
      element(
        "button",
        { type: "button", class: "quiet", click: remove, "aria-label": `Remove ${nameOf(item)}` },
        "Remove",
      ),
    );
  };
  return [
    element("ul", { class: "lines" }, ...items.map(line)),
    element(
      "p",
      { class: "total" },
      element("span", {}, "Total"),
      element("span", { class: "price" }, priceText(total)),
    ),
    element("button", { type: "button", class: "main", click: purchase }, "Buy"),
  ];
}

/** Items that go with the basket, or with the purchases. @param {() => void} changed */
export async function togetherView(changed) {
  if (visit.basket.length + visit.purchased.length === 0) return [];
  const cards = await recommended({
    basket: visit.basket,
    purchased: visit.purchased,
    scenario: "together",
    n: 5,
  });
  const line = (/** @type {Card} */ { item, why = "", token = "" }) => {
    const add = () => {
      putIn(item.item, token);
      changed();
    };
    return element(
      "li",
      {},
      element(
        "a",
        { class: "name", href: addressOf(item.item), click: () => click(item.item, token) },
        nameOf(item),
      ),
      element("span", { class: "price" }, priceText(item.price)),
      element(
        "button",
        { type: "button", class: "quiet", click: add, "aria-label": `Add ${nameOf(item)}` },
        "Add",
      ),
      element("span", { class: "why" }, why),
    );
  };
  return [
    element("h2", { id: "together-title" }, "Goes together"),
    element("ul", { class: "lines" }, ...cards.map(line)),
  ];
}
