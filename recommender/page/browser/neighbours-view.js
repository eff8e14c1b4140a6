/** An item's neighbours, as a table. */
import { element } from "./dom.js";
import { nameOf, priceText } from "./words.js";

/** @param {import("./api.js").NeighboursAnswer} answer @param {string} scenario */
export function neighboursView({ item, neighbours }, scenario) {
  const best = neighbours[0]?.score ?? 1;
  const row = (/** @type {typeof neighbours[number]} */ neighbour, /** @type {number} */ k) => {
    const bar = element("span", { class: "bar", "aria-hidden": "true" });
    bar.style.setProperty("--part", `${neighbour.score / best}`);
    return element(
      "tr",
      {},
      element("td", { class: "rank" }, `${k + 1}`),
      element("th", { scope: "row" }, nameOf(neighbour), element("span", { class: "why" }, neighbour.item)),
      element("td", { class: "wide" }, neighbour.category ?? ""),
      element("td", { class: "wide number" }, priceText(neighbour.price)),
      element("td", { class: "number" }, neighbour.score.toFixed(4), bar),
    );
  };
  const heads = [
    ["#", "rank"],
    ["Neighbour", ""],
    ["Category", "wide"],
    ["Price", "wide number"],
    ["Score", "number"],
  ];
  return [
    element(
      "h3",
      { tabindex: -1 },
      nameOf(item),
      element("span", { class: "why" }, `${item.item} · ${item.category ?? "no category"}`),
    ),
    neighbours.length === 0
      ? element("p", { class: "still" }, `It has no neighbours in the table “${scenario}”.`)
      : element(
          "table",
          {},
          element("caption", { class: "unseen" }, `Neighbours in the table “${scenario}”, best first`),
          element(
            "thead",
            {},
            element(
              "tr",
              {},
              ...heads.map(([text, kind]) => element("th", { scope: "col", class: kind }, text)),
            ),
          ),
          element("tbody", {}, ...neighbours.map(row)),
        ),
  ];
}
