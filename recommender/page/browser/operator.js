/** The operator's page. */
import { findItems, getNeighbours, getNights, getReviewsState, getShop, Refused } from "./api.js";
import { byId, element, inputById, showLink } from "./dom.js";
import { neighboursView } from "./neighbours-view.js";
import { modelView, nightsView, qualityView } from "./operator-views.js";
import { reviewsView } from "./reviews/state.js";
import { nameOf } from "./words.js";

/** @typedef {import("./api.js").TableName} TableName */

/** The item whose neighbours are shown. @type {string | null} */
let chosen = null;

const scenario = () =>
  /** @type {TableName} */ (document.querySelector("input[name=scenario]:checked")?.getAttribute("value"));

/** @param {unknown} error */
const failure = (error) =>
  element("p", { class: "notice" }, `That did not work: ${error instanceof Error ? error.message : error}.`);

/** @param {string} item @param {boolean} [keepsFocus] @returns {Promise<boolean>} whether the model knows it */
async function showItem(item, keepsFocus = false) {
  try {
    const answer = await getNeighbours(item, scenario(), 50);
    chosen = item;
    byId("item").replaceChildren(...neighboursView(answer, scenario()));
    byId("found").replaceChildren();
    if (!keepsFocus) byId("item").querySelector("h3")?.focus();
    return true;
  } catch (error) {
    if (error instanceof Refused && (error.status === 404 || error.status === 400)) return false;
    byId("found").replaceChildren(failure(error));
    return true;
  }
}

/**
 * An id, or words that one item alone has, is shown at once; other words give a list to choose
 * from.
 */
async function lookUp() {
  const words = inputById("words").value.trim();
  if (words === "") return;
  const items = await findItems(words);
  const meant = items.find(({ item }) => item === words) ?? (items.length === 1 ? items[0] : null);
  if (meant) return void (await showItem(meant.item));
  // No list has items that are taken down, or those that Datastore has beside the popular ones.
  if (items.length === 0 && (await showItem(words))) return;
  byId("item").replaceChildren();
  chosen = null;
  const button = (/** @type {typeof items[number]} */ item) =>
    element(
      "li",
      {},
      element(
        "button",
        { type: "button", class: "quiet", click: () => void showItem(item.item) },
        nameOf(item),
        element("span", { class: "why" }, item.item),
      ),
    );
  byId("found").replaceChildren(
    items.length === 0
      ? element("p", { class: "still" }, "No item has these words.")
      : element("ul", { class: "found" }, ...items.map(button)),
  );
}

async function open() {
  const [{ shop, links, reviews }, nights] = await Promise.all([getShop(), getNights()]);
  byId("shop").textContent = `${shop} · operator`;
  document.title = `${shop} · operator`;
  showLink("storefront", links.storefront);
  showLink("shops", links.shops);
  showLink("reference", links.reference);
  showLink("metrics", links.metrics);
  byId("model").append(...modelView(nights));
  byId("quality").replaceChildren(...qualityView(nights.nights));
  byId("nights").replaceChildren(...nightsView(nights.nights));
  if (reviews !== null) await showReviews();
}

/** The rest of the page does without them. */
async function showReviews() {
  const views = await getReviewsState().then(reviewsView, (error) => [failure(error)]);
  byId("reviews").replaceChildren(...views);
  byId("of-reviews").hidden = false;
}

byId("lookup").addEventListener("submit", (event) => {
  event.preventDefault();
  lookUp().catch((error) => byId("found").replaceChildren(failure(error)));
});
byId("lookup").addEventListener("change", ({ target }) => {
  if (chosen !== null && target instanceof HTMLInputElement && target.type === "radio")
    void showItem(chosen, true);
});
open().catch((error) => byId("model").append(failure(error)));
