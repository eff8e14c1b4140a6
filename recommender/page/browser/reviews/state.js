/** What an operator sees of reviews: what waits, what failed, how sentiments are distributed. */
import { element } from "../dom.js";
import { fact, notice } from "../operator-views.js";
import { bars } from "../plot.js";
import { countText, durationText, timeText } from "../words.js";

/** @typedef {import("../api.js").ReviewsStateAnswer} State */

const SERVICES = {
  none: "There is no inference service yet, so texts wait; none is lost. The default model is made by npm run model:sentiment (needs Python 3.11 or newer); docs/REVIEWS.md says how a service is named.",
  fails:
    "The inference service does not answer, so texts wait; none is lost. If it has no model yet: npm run model:sentiment (needs Python 3.11 or newer).",
  answers: null,
  elsewhere: null,
};

/** @param {State} state */
export function reviewsView(state) {
  const { service, waiting, waitingAgain, oldestAt, failed, byLabel, bySentiment } = state;
  const seconds = oldestAt === null ? null : (Date.now() - Date.parse(oldestAt)) / 1000;
  const labels = Object.entries(byLabel).sort(([a], [b]) => (a < b ? -1 : 1));
  const trouble = SERVICES[service];
  return [
    element(
      "dl",
      { class: "facts" },
      fact("Waiting", countText(waiting)),
      ...(waitingAgain > 0 ? [fact("For another model", countText(waitingAgain))] : []),
      fact("The oldest waits", seconds === null ? "none" : durationText(Math.max(0, seconds))),
      fact("Set aside", countText(failed)),
      ...labels.map(([label, reviews]) => fact(label, countText(reviews))),
    ),
    ...(trouble === null ? [] : [notice(trouble)]),
    ...(labels.length === 0
      ? [element("p", { class: "still" }, "No review has a sentiment yet.")]
      : [distribution(bySentiment)]),
    ...(failed === 0 ? [] : [failures(state)]),
  ];
}

/** @param {number[]} counts */
function distribution(counts) {
  const parts = counts.map(
    (_, k) => `${(k / counts.length).toFixed(1)} to ${((k + 1) / counts.length).toFixed(1)}`,
  );
  return element(
    "div",
    { class: "distribution" },
    bars("Sentiment", "reviews, from negative (0) to positive (1)", parts, counts, ["0", "0.5", "1"]),
  );
}

/** @param {State} state */
function failures({ failed, failures }) {
  const row = (/** @type {State["failures"][number]} */ { review, item, at, reason }) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, reason),
      element("td", {}, item, element("span", { class: "why" }, review)),
      element("td", { class: "wide" }, timeText(at)),
    );
  const heads = ["Reason", "Item and review", "Sent"].map((text, k) =>
    element("th", { scope: "col", class: k === 2 ? "wide" : undefined }, text),
  );
  const rest = failed > failures.length ? `, the first ${failures.length} of them here` : "";
  return element(
    "details",
    {},
    element(
      "summary",
      {},
      failed === 1 ? "1 review was set aside" : `${countText(failed)} were set aside${rest}`,
    ),
    element(
      "table",
      {},
      element("caption", { class: "unseen" }, "Reviews that were set aside"),
      element("thead", {}, element("tr", {}, ...heads)),
      element("tbody", {}, ...failures.map(row)),
    ),
    element("p", { class: "why" }, "To have them tried again: steamer reviews failed --retry"),
  );
}
