/** The shelf for one person: something at once, and their own list as soon as it is computed. */
import { recommendTo } from "./api.js";
import { cardsOf, shelf } from "./cards.js";
import { element } from "./dom.js";
import { whileShown } from "./patience.js";
import { visit, who } from "./visit.js";

/** @typedef {import("./api.js").PersonalAnswer} PersonalAnswer */

/** Pauses before the next questions, in milliseconds, while the list is being computed. */
const PAUSES = [300, 600, 1200, 2400, 4800];

/** A list in a URL cannot hold ids with commas. @param {string[]} items */
const listed = (items) => items.filter((item) => !item.includes(",")).slice(-20);

/** @param {string} [scope] */
const ask = (scope) =>
  recommendTo(who.user ?? who.visitor, {
    n: 8,
    scope,
    browsed: listed(visit.browsed),
    basket: listed(visit.basket),
    purchased: listed(visit.purchased),
  });

/**
 * @param {string | undefined} category
 * @param {(text: string) => void} say
 */
export async function forYou(category, say) {
  const section = await filled(await ask(category));
  if (section.dataset["source"] !== "personal") void follow(section, category, say);
  return section;
}

/** @param {PersonalAnswer} answer */
async function filled(answer) {
  const section = shelf("For you", await cardsOf(answer));
  section.dataset["source"] = answer.source;
  section.querySelector("h2")?.after(element("p", { class: "still" }, noteOf(answer)));
  return section;
}

/** @param {PersonalAnswer} answer */
function noteOf({ source }) {
  if (source !== "personal") return "Your own list is on its way. Until then:";
  return who.user === null ? "Made for you, from this visit." : `Made for ${who.user}, from all visits.`;
}

/**
 * Asks again until the list is there. Ends when the visitor has gone on to another view.
 * @param {HTMLElement} section
 * @param {string | undefined} category
 * @param {(text: string) => void} say
 */
async function follow(section, category, say) {
  for await (const _ of whileShown(section, PAUSES)) {
    const answer = await ask(category).catch(() => null);
    if (answer?.source !== "personal" || !section.isConnected) continue;
    section.replaceWith(await filled(answer));
    return say("Your own recommendations are there.");
  }
}
