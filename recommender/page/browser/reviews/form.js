/** The form for a review, written by the customer whom the visitor is. */
import { Refused, sendReview } from "../api.js";
import { byId, element } from "../dom.js";
import { starsChoice } from "./stars.js";
import { who } from "../visit.js";
import { countText, durationText, sentence, timeText } from "../words.js";

/** @typedef {import("../api.js").Review} Review */

/**
 * @param {string} item
 * @param {number} maxCharacters
 * @param {(review: Review) => void} sent is told of a review that is stored
 */
export function reviewForm(item, maxCharacters, sent) {
  if (who.user === null) return nobody();
  const text = element("textarea", { id: "text", rows: 4, "aria-describedby": "left" });
  const left = element("p", { id: "left", class: "why" });
  const count = () => {
    const characters = [...text.value].length;
    left.textContent = `${countText(characters)} of ${countText(maxCharacters)} characters`;
    left.classList.toggle("bad", characters > maxCharacters);
  };
  text.addEventListener("input", count);
  count();
  const trouble = element("p", { class: "notice", role: "alert", hidden: true });
  const button = element("button", { class: "main" }, "Send review");
  const form = element(
    "form",
    { class: "review-form", "aria-labelledby": "write" },
    element("h3", { id: "write" }, "Write a review"),
    starsChoice("Stars"),
    element("label", { for: "text" }, "What do you think of it?"),
    text,
    left,
    trouble,
    button,
  );
  const send = once(item);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    trouble.hidden = true;
    button.disabled = true;
    try {
      const review = await send(Number(new FormData(form).get("stars")), text.value);
      form.reset();
      count();
      sent(review);
    } catch (error) {
      trouble.textContent = troubleText(error);
      trouble.hidden = false;
    } finally {
      button.disabled = false;
    }
  });
  return form;
}

/** A review that is sent again as it was keeps its key, so that it is stored once. @param {string} item */
function once(item) {
  let before = "";
  let key = "";
  return (/** @type {number} */ stars, /** @type {string} */ text) => {
    const review = { user: who.user ?? "", item, stars, text };
    const now = JSON.stringify(review);
    if (now !== before) [before, key] = [now, crypto.randomUUID()];
    return sendReview(review, key);
  };
}

/** @param {unknown} error */
function troubleText(error) {
  const said = sentence(error instanceof Error ? error.message : `${error}`);
  const after = error instanceof Refused ? error.retryAfter : null;
  if (after === null) return said;
  const at = new Date(Date.now() + after * 1000).toISOString();
  return `${said} Try again in ${durationText(after)} (${timeText(at)}).`;
}

/** Reviews are customers' own, and the visitor is none. */
function nobody() {
  if (byId("person").hidden)
    return element("p", { class: "still" }, "This storefront has no customers to be, who could write one.");
  const pick = () => byId("who").focus();
  return element(
    "p",
    { class: "still" },
    "Pick somebody at “You are” to write a review. ",
    element("button", { type: "button", class: "quiet", click: pick }, "Pick somebody"),
  );
}
