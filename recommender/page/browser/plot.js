/** Small plots of a few numbers, drawn as SVG. */
import { drawn, element } from "./dom.js";
import { countText } from "./words.js";

/**
 * One value a night; null: not measured. `errors` are drawn above and below the values.
 * @typedef {{ name: string, kind: string, values: (number | null)[], errors?: (number | null)[] }} Series
 */

const WIDTH = 360;
const HEIGHT = 160;
const AREA = { left: 48, right: 12, top: 12, bottom: 26 };

/** @param {number} value @param {number} max the top of the plot */
const heightOf = (value, max) => HEIGHT - AREA.bottom - (value / max) * (HEIGHT - AREA.top - AREA.bottom);

/** @param {number[]} values @param {number} max @param {(value: number) => string} write */
const gridOf = (values, max, write) =>
  values.flatMap((value) => {
    const y = heightOf(value, max);
    return [
      drawn("line", { class: "grid", x1: AREA.left, x2: WIDTH - AREA.right, y1: y, y2: y }),
      drawn("text", { x: AREA.left - 8, y: y + 4, "text-anchor": "end" }, write(value)),
    ];
  });

/**
 * The next number that is easy to read: 2,400 becomes 3,000.
 * @param {number} value
 * @param {number} [least] values below it are as good as it
 */
export function roundUp(value, least = 2) {
  const unit = 10 ** Math.floor(Math.log10(Math.max(value, least)));
  return Math.ceil(Math.max(value, least / 2) / unit) * unit;
}

/**
 * @param {string} title
 * @param {string[]} nights oldest first
 * @param {Series[]} series
 * @param {{ max: number, write: (value: number) => string }} scale from zero
 */
export function plot(title, nights, series, { max, write }) {
  const x = (/** @type {number} */ k) =>
    AREA.left + (WIDTH - AREA.left - AREA.right) * (nights.length === 1 ? 0.5 : k / (nights.length - 1));
  const y = (/** @type {number} */ value) => heightOf(value, max);
  const ends = [0, nights.length - 1].filter((k, at) => at === 0 || k > 0);
  const days = ends.map((k, at) => {
    const anchor = nights.length === 1 ? "middle" : at === 0 ? "start" : "end";
    return drawn("text", { x: x(k), y: HEIGHT - 6, "text-anchor": anchor }, nights[k]);
  });
  const svg = drawn(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": spoken(title, nights, series, write) },
    ...gridOf([0, max / 2, max], max, write),
    ...days,
    ...series.flatMap((one) => line(one, nights, x, y, write)),
  );
  const key = series.map(({ name, kind }) => element("span", { class: `key ${kind}` }, name));
  return element("figure", {}, element("figcaption", {}, element("strong", {}, title), ...key), svg);
}

/**
 * A line through neighbouring nights that were measured, and a dot for each.
 * @param {Series} series
 * @param {string[]} nights
 * @param {(k: number) => number} x
 * @param {(value: number) => number} y
 * @param {(value: number) => string} write
 */
function line({ name, kind, values, errors = [] }, nights, x, y, write) {
  let path = "";
  let isDown = false;
  for (const [k, value] of values.entries()) {
    if (value !== null) path += `${isDown ? "L" : "M"}${x(k).toFixed(1)} ${y(value).toFixed(1)}`;
    isDown = value !== null;
  }
  const dots = values.flatMap((value, k) =>
    value === null
      ? []
      : [
          drawn(
            "circle",
            { cx: x(k), cy: y(value), r: 3 },
            drawn(
              "title",
              {},
              `${nights[k]}: ${name} ${write(value)}${errors[k] ? ` ± ${write(errors[k])}` : ""}`,
            ),
          ),
        ],
  );
  const bars = values.flatMap((value, k) => {
    const error = errors[k] ?? 0;
    if (value === null || error === 0) return [];
    const [above, below] = [y(value + error), y(Math.max(0, value - error))];
    return [drawn("line", { class: "error", x1: x(k), x2: x(k), y1: above, y2: below })];
  });
  return [drawn("g", { class: `series ${kind}` }, drawn("path", { d: path }), ...bars, ...dots)];
}

/** @param {string} title @param {string[]} nights @param {Series[]} series @param {(value: number) => string} write */
function spoken(title, nights, series, write) {
  const latest = series.map(({ name, values }) => {
    const last = values.findLast((value) => value !== null) ?? null;
    return `${name} ${last === null ? "not measured" : write(last)}`;
  });
  return `${title}, ${nights.length} nights, latest: ${latest.join(", ")}`;
}

/**
 * A bar for each part of a range.
 * @param {string} title
 * @param {string} what is counted
 * @param {string[]} parts
 * @param {number[]} counts
 * @param {string[]} ticks spread over the range
 */
export function bars(title, what, parts, counts, ticks) {
  const max = roundUp(Math.max(...counts));
  const width = WIDTH - AREA.left - AREA.right;
  const step = width / counts.length;
  const bar = (/** @type {number} */ count, /** @type {number} */ k) =>
    drawn(
      "rect",
      {
        x: AREA.left + k * step + 2,
        width: step - 4,
        y: heightOf(count, max),
        height: heightOf(0, max) - heightOf(count, max),
      },
      drawn("title", {}, `${parts[k]}: ${countText(count)}`),
    );
  const tick = (/** @type {string} */ text, /** @type {number} */ k) =>
    drawn(
      "text",
      { x: AREA.left + (width * k) / (ticks.length - 1), y: HEIGHT - 6, "text-anchor": "middle" },
      text,
    );
  const spoken = counts.flatMap((count, k) => (count === 0 ? [] : [`${parts[k]}: ${countText(count)}`]));
  const svg = drawn(
    "svg",
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: "img",
      "aria-label": `${title}, ${what}; ${spoken.join(", ")}`,
    },
    ...gridOf([0, max], max, countText),
    ...ticks.map(tick),
    drawn("g", { class: "bars" }, ...counts.map(bar)),
  );
  return element("figure", {}, element("figcaption", {}, element("strong", {}, title), what), svg);
}
