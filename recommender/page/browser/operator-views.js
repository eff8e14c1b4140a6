/** The views of an operator: the model, the nights, their quality. */
import { element } from "./dom.js";
import { plot, roundUp } from "./plot.js";
import { countText, durationText, percent, timeText } from "./words.js";

/** @typedef {import("./api.js").NightsAnswer} NightsAnswer */
/** @typedef {NightsAnswer["nights"][number]} Night */
/** @typedef {Night["stages"][number]} Stage */

/** @param {string} term @param {string} text */
export const fact = (term, text) => element("div", {}, element("dt", {}, term), element("dd", {}, text));

/** @param {NightsAnswer} answer */
export function modelView({ model, pointer, failing, blocked }) {
  const hold = pointer?.hold ?? null;
  const differs = model !== null && pointer !== null && model.model !== pointer.model;
  return [
    model === null
      ? element("p", { class: "still" }, "There is no model yet: run a night.")
      : element(
          "dl",
          { class: "facts" },
          fact("Model", model.model),
          fact("Last day", model.lastDay),
          fact("Items", countText(model.items)),
          fact("Before it", pointer?.previous ?? "none"),
          fact("Store", model.store),
          fact("Loaded", timeText(model.loadedAt)),
        ),
    ...(differs ? [notice(`The pointer names ${pointer.model}, which is not loaded (yet).`)] : []),
    ...(hold
      ? [notice(`On hold since ${timeText(hold.since)}: ${hold.reason}. New models are not published.`)]
      : []),
    ...failing.map((what) => notice(`At the last look this could not be read: ${what}.`)),
    ...(blocked.length > 0 ? [blockedView(blocked)] : []),
  ];
}

/** @param {string} text */
export const notice = (text) => element("p", { class: "notice" }, text);

/** @param {NightsAnswer["blocked"]} blocked */
function blockedView(blocked) {
  const line = (/** @type {NightsAnswer["blocked"][number]} */ { item, since, reason }) =>
    element(
      "li",
      {},
      element("strong", {}, item),
      ` ${reason}`,
      element("span", { class: "why" }, timeText(since)),
    );
  const title =
    blocked.length === 1 ? "1 item is taken down" : `${countText(blocked.length)} items are taken down`;
  return element(
    "details",
    {},
    element("summary", {}, title),
    element("ul", { class: "blocked" }, ...blocked.map(line)),
  );
}

/** @param {Night[]} nights latest first */
export function qualityView(nights) {
  const measured = nights.filter(({ quality }) => quality.items !== null).reverse();
  if (measured.length === 0) return [element("p", { class: "still" }, "No night has measured a model yet.")];
  const names = measured.map(({ run }) => run);
  const values = (/** @type {keyof Night["quality"]} */ key) => measured.map(({ quality }) => quality[key]);
  return [
    ...hindsightView(nights),
    plot(
      "Shares",
      names,
      [
        { name: "coverage: items with neighbours", kind: "first", values: values("coverage") },
        { name: "overlap with the model before", kind: "second", values: values("overlap") },
      ],
      { max: 1, write: (share) => `${Math.round(share * 100)} %` },
    ),
    plot("Items", names, [{ name: "of the model", kind: "first", values: values("items") }], {
      max: roundUp(Math.max(...values("items").map((items) => items ?? 0))),
      write: countText,
    }),
  ];
}

const DID = { purchase: "bought", add_to_cart: "put into the basket" };

/**
 * How well the models that served found what people did, day by day.
 * @param {Night[]} nights latest first
 */
function hindsightView(nights) {
  const found = nights.flatMap(({ hindsight }) => (hindsight === null ? [] : [hindsight])).reverse();
  const deed = found.at(-1)?.deed;
  const days = found.filter((each, k) => each.deed === deed && each.day !== found[k + 1]?.day);
  if (deed === undefined) return [];
  const most = Math.max(
    ...days.flatMap(({ ndcg10, standardError, mostPopular }) => [ndcg10 + (standardError ?? 0), mostPopular]),
  );
  const names = days.map(({ day }) => day);
  return [
    plot(
      `Hindsight: what was ${DID[deed]}, NDCG@10`,
      names,
      [
        {
          name: "the model that served",
          kind: "first",
          values: days.map(({ ndcg10 }) => ndcg10),
          errors: days.map(({ standardError }) => standardError),
        },
        { name: "most popular", kind: "second", values: days.map(({ mostPopular }) => mostPopular) },
      ],
      { max: roundUp(most, 0.01), write: (value) => value.toFixed(3) },
    ),
    ...clicksView(
      names,
      days.map(({ clickThrough }) => clickThrough),
    ),
  ];
}

/** @param {string[]} days @param {(number | null)[]} values clicks / impressions; null: unknown */
function clicksView(days, values) {
  const most = Math.max(...values.map((value) => value ?? -1));
  if (most < 0) return [];
  const write = (/** @type {number} */ share) => `${(100 * share).toFixed(1)} %`;
  const scale = { max: roundUp(most, 0.01), write };
  return [plot("Click-through", days, [{ name: "of the model that served", kind: "first", values }], scale)];
}

/** A week. */
const NIGHTS_AT_ONCE = 7;

/** @param {Night[]} nights latest first */
export function nightsView(nights) {
  if (nights.length === 0) return [element("p", { class: "still" }, "There was no night yet.")];
  const list = (/** @type {Night[]} */ some) => element("ol", { class: "nights" }, ...some.map(nightView));
  const earlier = nights.slice(NIGHTS_AT_ONCE);
  if (earlier.length === 0) return [list(nights)];
  const more = element(
    "summary",
    {},
    earlier.length === 1 ? "1 earlier night" : `${earlier.length} earlier nights`,
  );
  return [
    list(nights.slice(0, NIGHTS_AT_ONCE)),
    element("details", { class: "earlier" }, more, list(earlier)),
  ];
}

/** @param {Night} night */
function nightView(night) {
  const { run, state, startedAt, finishedAt, stages, publication, quality, hindsight, warnings } = night;
  const seconds = finishedAt === null ? null : (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;
  const measured =
    quality.coverage === null
      ? ""
      : `coverage ${percent(quality.coverage)}, overlap ${percent(quality.overlap)}`;
  const isHeld = publication === "held";
  return element(
    "li",
    {},
    element(
      "div",
      { class: "night" },
      element("strong", {}, run),
      element("span", { class: `state ${isHeld ? "held" : state}` }, isHeld ? "held" : state),
      element(
        "span",
        { class: "why" },
        seconds === null ? timeText(startedAt) : `${timeText(startedAt)}, ${durationText(seconds)}`,
      ),
      element("span", { class: "why" }, measured),
      hindsight === null
        ? null
        : element("span", { class: "why" }, `hindsight NDCG@10 ${hindsight.ndcg10.toFixed(3)}`),
    ),
    element("ul", { class: "stages", "aria-label": `Stages of ${run}` }, ...stages.map(stageView)),
    ...stages.flatMap(({ stage, reason }) =>
      reason === null ? [] : [element("p", { class: "reason" }, `${stage}: ${reason}`)],
    ),
    ...(warnings.length === 0
      ? []
      : [
          element(
            "details",
            {},
            element("summary", {}, warnings.length === 1 ? "1 note" : `${warnings.length} notes`),
            ...warnings.map((text) => element("p", { class: "reason calm" }, text)),
          ),
        ]),
  );
}

const COUNTED = { export: "events", similarity: "neighbours", load: "items", publish: "items" };

/** @param {Stage} stage */
function stageView({ stage, state, attempt, seconds, progress, rows }) {
  const done =
    state === "running"
      ? `${Math.round(progress * 100)} %`
      : state === "done"
        ? durationText(seconds)
        : state;
  return element(
    "li",
    { class: `stage ${state}` },
    element("span", {}, stage),
    element("span", { class: "time" }, done),
    element("span", { class: "why" }, rows === null ? "" : `${countText(rows)} ${COUNTED[stage]}`),
    attempt > 1 ? element("span", { class: "why" }, `attempt ${attempt}`) : null,
  );
}
