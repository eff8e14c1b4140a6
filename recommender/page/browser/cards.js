/** Products as cards, and where they come from. */
import { describe, recommend } from "./api.js";
import { element } from "./dom.js";
import { ratingView } from "./reviews/stars.js";
import { click, shown } from "./visit.js";
import { nameOf, priceText, reasonText } from "./words.js";

/** @typedef {import("./api.js").Item} Item */
/** @typedef {import("./api.js").PersonalAnswer} PersonalAnswer */
/** @typedef {import("./api.js").RecommendationAnswer} RecommendationAnswer */
/** @typedef {import("./api.js").RecommendationRequest} RecommendationRequest */
/** @typedef {import("./reviews/stars.js").Rating} Rating */
/** @typedef {{ item: Item, why?: string, token?: string, score?: number, rating?: Rating }} Card */

/** @param {string} id */
export const addressOf = (id) => `#/item/${encodeURIComponent(id)}`;
/**
 * Asks for recommendations, and makes cards of them.
 * @param {RecommendationRequest} request
 * @returns {Promise<Card[]>}
 */
export async function recommended(request) {
  return cardsOf(await recommend(request));
}

/**
 * Tells that an answer is shown, and makes cards of it.
 * @param {Pick<RecommendationAnswer | PersonalAnswer, "results" | "attributionToken">} answer
 * @returns {Promise<Card[]>}
 */
export async function cardsOf({ results, attributionToken: token }) {
  const causes = results.flatMap(({ because }) => because.map(({ item }) => item));
  const items = await describe([...results.map(({ item }) => item), ...causes]);
  const names = new Map(items.map((item) => [item.item, nameOf(item)]));
  const nameById = (/** @type {string} */ id) => names.get(id) ?? id;
  shown(
    results.map(({ item }) => item),
    token,
  );
  return results.map((result, k) => ({
    item: items[k],
    why: reasonText(result, nameById, items[k].category),
    token,
    ...(result.rating === undefined ? {} : { rating: result.rating }),
  }));
}

/** A quiet picture of a product: the shop has none. @param {Item} item */
export function tile(item) {
  const text = item.category ?? "?";
  const hue = [...text].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360, 7);
  const letter = [...nameOf(item)][0]?.toUpperCase() ?? "?";
  const made = element("span", { class: "tile", "aria-hidden": "true", "data-letter": letter });
  made.style.setProperty("--hue", `${hue}`);
  return made;
}

/** @param {Card} card */
function productCard({ item, why, token, score, rating }) {
  const follow = () => token !== undefined && click(item.item, token);
  return element(
    "li",
    { class: "card" },
    tile(item),
    element("a", { class: "name", href: addressOf(item.item), click: follow }, nameOf(item)),
    element(
      "span",
      { class: "facts" },
      element("span", { class: "category" }, item.category ?? ""),
      element("span", { class: "price" }, priceText(item.price)),
    ),
    rating === undefined ? null : ratingView(rating),
    why === undefined ? null : element("span", { class: "why" }, why),
    score === undefined ? null : element("span", { class: "why" }, `score ${score.toFixed(3)}`),
  );
}

/** @param {string} title @param {Card[]} cards @param {string} [kind] */
export function shelf(title, cards, kind = "grid") {
  const id = `shelf-${title.toLowerCase().replaceAll(/\W+/g, "-")}`;
  return element(
    "section",
    { "aria-labelledby": id },
    element("h2", { id }, title),
    cards.length > 0
      ? element("ul", { class: kind }, ...cards.map(productCard))
      : element("p", { class: "still" }, "Nothing here."),
  );
}
