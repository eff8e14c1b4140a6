/** Small plots of a few numbers a night, drawn as SVG. */
import { drawn, element } from "./dom.js";

/** @typedef {{ name: string, kind: string, values: (number | null)[] }} Series One value a night; null: not measured. */

const WIDTH = 360;
const HEIGHT = 160;
const AREA = { left: 48, right: 12, top: 12, bottom: 26 };

/**
 * @param {string} title
 * @param {string[]} nights oldest first
 * @param {Series[]} series
 * @param {{ max: number, write: (value: number) => string }} scale from zero
 */
export function plot(title, nights, series, { max, write }) {
  const x = (/** @type {number} */ k) =>
    AREA.left + (WIDTH - AREA.left - AREA.right) * (nights.length === 1 ? 0.5 : k / (nights.length - 1));
  const y = (/** @type {number} */ value) =>
    HEIGHT - AREA.bottom - (value / max) * (HEIGHT - AREA.top - AREA.bottom);
  const grid = [0, max / 2, max].flatMap((value) => [
    drawn("line", { class: "grid", x1: AREA.left, x2: WIDTH - AREA.right, y1: y(value), y2: y(value) }),
    drawn("text", { x: AREA.left - 8, y: y(value) + 4, "text-anchor": "end" }, write(value)),
  ]);
  const ends = [0, nights.length - 1].filter((k, at) => at === 0 || k > 0);
  const days = ends.map((k, at) => {
    const anchor = nights.length === 1 ? "middle" : at === 0 ? "start" : "end";
    return drawn("text", { x: x(k), y: HEIGHT - 6, "text-anchor": anchor }, nights[k]);
  });
  const svg = drawn(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": spoken(title, nights, series, write) },
    ...grid,
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
function line({ name, kind, values }, nights, x, y, write) {
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
            drawn("title", {}, `${nights[k]}: ${name} ${write(value)}`),
          ),
        ],
  );
  return [drawn("g", { class: `series ${kind}` }, drawn("path", { d: path }), ...dots)];
}

/** @param {string} title @param {string[]} nights @param {Series[]} series @param {(value: number) => string} write */
function spoken(title, nights, series, write) {
  const latest = series.map(({ name, values }) => {
    const last = values.findLast((value) => value !== null) ?? null;
    return `${name} ${last === null ? "not measured" : write(last)}`;
  });
  return `${title}, ${nights.length} nights, latest: ${latest.join(", ")}`;
}
