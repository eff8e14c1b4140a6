/** Numbers, prices and days as people read them. */

/** @typedef {import("../../../contracts/http/recommendation.ts").Result} Result */
/** @typedef {import("../../../contracts/http/personal.ts").PersonalResult} PersonalResult */

/** @param {{ item: string, name: string | null }} item */
export const nameOf = ({ item, name }) => name ?? item;

const PRICE = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
/** @param {number | null} price In what currency the catalogue does not say. */
export const priceText = (price) => (price === null ? "" : PRICE.format(price));

const COUNT = new Intl.NumberFormat("en");
/** @param {number} value */
export const countText = (value) => COUNT.format(value);

/** @param {number | null} share */
export const percent = (share) => (share === null ? "–" : `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`);

/** @param {number | null} seconds */
export function durationText(seconds) {
  if (seconds === null) return "";
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  if (seconds < 600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** @param {string} text @returns {string} with a capital, and one full stop */
export const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1).replace(/\.$/, "")}.`;

/** @param {string} time ISO 8601 */
export const timeText = (time) => `${time.slice(0, 16).replace("T", " ")} UTC`;

const DID = { view_item: "you looked at", add_to_cart: "your basket has", purchase: "you bought" };

/**
 * Why a result is there: "because you looked at Green Tent and your basket has Stove".
 * @param {Result | PersonalResult} result
 * @param {(id: string) => string} name of an item of the request
 * @param {string | null} category of the result
 */
export function reasonText({ source, because }, name, category) {
  if (source === "popular") return "popular in the shop";
  if (source === "popular_in_scope") return "popular in the scope";
  if (source === "popular_in_category") return `popular in ${category ?? "its category"}`;
  if (because.length === 0) return "for you";
  const parts = because
    .slice(0, 2)
    .map(({ item, event }) => (event === undefined ? `of ${name(item)}` : `${DID[event]} ${name(item)}`));
  return `because ${parts.join(", and ")}`;
}
