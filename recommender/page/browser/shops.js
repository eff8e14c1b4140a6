/** The way to the pages of each shop, where a recommender serves several. */
import { getShops } from "./api.js";
import { byId, element } from "./dom.js";

/** @typedef {import("./api.js").ShopsAnswer} ShopsAnswer */

/** @param {string} address @param {string} text */
const link = (address, text) => element("a", { href: address }, text);

/** @param {ShopsAnswer["shops"][number]} shop */
const rowOf = ({ shop, model, storefront, operator }) =>
  element(
    "tr",
    {},
    element("th", { scope: "row" }, storefront === null ? shop : link(storefront, shop)),
    element("td", {}, model ?? "no model yet"),
    element("td", {}, link(operator, "Operator")),
  );

async function open() {
  const { shops } = await getShops();
  if (shops.length === 0)
    return byId("shops").append(element("p", { class: "still" }, "There is no shop yet."));
  const titles = ["Shop", "Model", "Pages"].map((title) => element("th", { scope: "col" }, title));
  const head = element("thead", {}, element("tr", {}, ...titles));
  byId("shops").append(element("table", {}, head, element("tbody", {}, ...shops.map(rowOf))));
}

open().catch((error) =>
  byId("shops").append(element("p", { class: "notice" }, `That did not work: ${error.message}.`)),
);
