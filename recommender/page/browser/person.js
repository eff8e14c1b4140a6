/** Who the visitor is: somebody new, or a customer of the shop. */
import { byId, element } from "./dom.js";
import { become, who } from "./visit.js";

/** @typedef {import("./api.js").ShopAnswer} ShopAnswer */

/**
 * Offers customers to be, where there are any.
 * @param {ShopAnswer["people"]} people
 * @param {() => void} changed
 */
export function offerPeople(people, changed) {
  if (people.length === 0) return;
  const select = /** @type {HTMLSelectElement} */ (byId("who"));
  const option = (/** @type {string} */ value, /** @type {string} */ text) =>
    element("option", { value, selected: value === (who.user ?? "") }, text);
  select.replaceChildren(
    option("", "somebody new"),
    ...people.map(({ user, about }) => option(user, `${user}: ${about}`)),
  );
  select.addEventListener("change", () => {
    become(select.value === "" ? null : select.value);
    changed();
  });
  byId("person").hidden = false;
}
