/** Stars as people see and hear them. */
import { element } from "../dom.js";
import { countText } from "../words.js";

/** @typedef {import("../../../../contracts/http/rating.ts").Rating} Rating */

const MOST = 5;

/** @param {number} stars 1 to 5, perhaps a mean */
export function starsView(stars) {
  const full = Math.round(stars);
  const text = "★".repeat(full) + "☆".repeat(MOST - full);
  return element("span", { class: "stars", role: "img", "aria-label": `${stars} of ${MOST} stars` }, text);
}

/** Mean and count. @param {Rating} rating */
export function ratingView({ stars, reviews }) {
  const count = reviews === 1 ? "1 review" : `${countText(reviews)} reviews`;
  return element("span", { class: "rating" }, starsView(stars), ` ${stars.toFixed(1)} · ${count}`);
}

/**
 * A choice from one star to five: radio buttons, for mouse and arrow keys alike.
 * @param {string} legend
 */
export function starsChoice(legend) {
  const star = (/** @type {unknown} */ _, /** @type {number} */ k) =>
    element(
      "label",
      { class: "star" },
      element("input", { type: "radio", name: "stars", value: k + 1, required: true }),
      element("span", { class: "unseen" }, k === 0 ? "1 star" : `${k + 1} stars`),
    );
  return element(
    "fieldset",
    { class: "choice stars" },
    element("legend", {}, legend),
    ...Array.from({ length: MOST }, star),
  );
}
