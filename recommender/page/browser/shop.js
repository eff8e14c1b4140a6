/** The storefront: which view is shown, and what a visitor does in it. */
import { getShop } from "./api.js";
import { byId, element, inputById, showLink } from "./dom.js";
import { offerPeople } from "./person.js";
import { basketView, homeView, labelAdd, productView, searchView, togetherView } from "./shop-views.js";
import { buy, resume, visit } from "./visit.js";
import { countText, sentence } from "./words.js";

/** @type {import("./api.js").ShopAnswer} */
let shop;

/** Views that were asked for: an answer that comes after the next question is not shown. */
const asked = { view: 0, side: 0 };

/** @param {string} text Said aloud by screen readers. */
const say = (text) => void (byId("said").textContent = text);

/** @param {unknown} error */
function failure(error) {
  const reason = error instanceof Error ? error.message : `${error}`;
  return [
    element("h1", { tabindex: -1 }, "That did not work"),
    element("p", { class: "still" }, sentence(reason)),
    element("p", {}, element("a", { href: "#/" }, "Back to the shop")),
  ];
}

/** The parts of the address after `#/`; none where it is not well formed. */
function route() {
  try {
    return location.hash.slice(2).split("/").map(decodeURIComponent);
  } catch {
    return [];
  }
}

function chosenView() {
  const [kind, value = ""] = route();
  if (kind === "item" && value !== "") return productView(value, shop, basketChanged, say);
  if (kind === "search" && value !== "") return searchView(shop.categories, value);
  return homeView(shop, kind === "category" ? value : undefined, say);
}

/** @param {boolean} isFirst Then the focus stays where the browser has it. */
async function showView(isFirst = false) {
  const mine = ++asked.view;
  const main = byId("view");
  main.setAttribute("aria-busy", "true");
  const view = await chosenView().catch(failure);
  if (mine !== asked.view) return;
  main.replaceChildren(...view);
  main.removeAttribute("aria-busy");
  const title = main.querySelector("h1");
  document.title = `${title?.textContent} · ${shop.shop}`;
  if (isFirst) return;
  scrollTo(0, 0);
  title?.focus({ preventScroll: true });
}

async function showSide() {
  const mine = ++asked.side;
  const views = Promise.all([basketView(basketChanged, purchase), togetherView(basketChanged)]);
  const [basket, together] = await views.catch((error) => [failure(error).slice(1), []]);
  if (mine !== asked.side) return;
  byId("basket").replaceChildren(...basket);
  byId("together").replaceChildren(...together);
  byId("in-basket").textContent = countText(visit.basket.length);
}

async function basketChanged() {
  const hadFocus = byId("basket").parentElement?.parentElement?.contains(document.activeElement);
  await showSide();
  const add = document.getElementById("add");
  if (add) labelAdd(add);
  // The button that was pressed is gone: who uses the keyboard goes on from the basket.
  if (hadFocus) byId("basket-title").focus({ preventScroll: true });
  const { length } = visit.basket;
  say(`The basket has ${length === 1 ? "1 product" : `${length} products`}.`);
}

async function purchase() {
  buy();
  await basketChanged();
  say("Thank you. Nothing was charged: this is a demonstration.");
  byId("basket").replaceChildren(
    element("p", { class: "still" }, "Thank you. Nothing was charged: this is a demonstration."),
  );
}

async function open() {
  resume();
  shop = await getShop();
  byId("shop").textContent = shop.shop;
  offerPeople(shop.people, () => void Promise.all([showView(true), showSide()]));
  showLink("shops", shop.links.shops);
  showLink("reference", shop.links.reference);
  addEventListener("hashchange", () => void showView());
  byId("search").addEventListener("submit", (event) => {
    event.preventDefault();
    const words = inputById("words").value.trim();
    location.hash = words === "" ? "#/" : `#/search/${encodeURIComponent(words)}`;
  });
  byId("to-basket").addEventListener("click", () => {
    byId("basket-title").focus();
    byId("basket-title").scrollIntoView({ block: "start" });
  });
  await Promise.all([showView(true), showSide()]);
}

open().catch((error) => byId("view").replaceChildren(...failure(error)));
