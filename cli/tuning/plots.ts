/** Plots of a report as SVG. Texts are escaped here, whoever wrote them. */
const WIDTH = 640;
const LEFT = 150;

/** Text in HTML, between tags or in an attribute. */
export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** A bar from 0, and how far off it may be. */
export interface Bar {
  name: string;
  value: number;
  standardError?: number;
  text: string;
}

/** Bars below each other, on one scale. */
export function bars(title: string, all: readonly Bar[]): string {
  const most = Math.max(1e-9, ...all.map(({ value, standardError = 0 }) => value + 2 * standardError));
  const x = (value: number) => LEFT + ((WIDTH - LEFT - 130) * Math.max(0, value)) / most;
  const rows = all.map(({ name, value, standardError, text }, k) => {
    const y = 6 + 26 * k;
    const error =
      standardError === undefined
        ? ""
        : `<path class="error" d="M${x(value - 2 * standardError)} ${y + 9}H${x(value + 2 * standardError)}"/>`;
    const end = x(value + 2 * (standardError ?? 0)) + 8;
    return (
      `<text x="${LEFT - 10}" y="${y + 13}" text-anchor="end">${escaped(name)}</text>` +
      `<rect x="${LEFT}" y="${y}" width="${(x(value) - LEFT).toFixed(1)}" height="18"/>${error}` +
      `<text x="${end.toFixed(1)}" y="${y + 13}">${escaped(text)}</text>`
    );
  });
  return figure(title, 12 + 26 * all.length, rows.join(""));
}

/** A trial as a dot; `isSolid` ones are measured on all users. */
export interface Dot {
  value: number;
  isSolid: boolean;
  text: string;
}

const PLOT = { left: 60, right: 12, top: 10, bottom: 30, height: 240 };

/** Dots one after the other, and a line of the best one so far. */
export function history(title: string, dots: readonly Dot[]): string {
  const values = dots.map(({ value }) => value).toSorted((a, b) => a - b);
  // A few hopeless trials must not press all others together.
  const low = values[Math.floor(0.1 * values.length)];
  const high = values.at(-1)!;
  const room = (high - low || high || 1) * 0.08;
  const [bottom, top] = [low - room, high + room];
  const x = (k: number) =>
    PLOT.left + ((WIDTH - PLOT.left - PLOT.right) * (k + 0.5)) / Math.max(dots.length, 1);
  const y = (value: number) =>
    PLOT.height -
    PLOT.bottom -
    (PLOT.height - PLOT.top - PLOT.bottom) * Math.max(0, (value - bottom) / (top - bottom));
  const grid = [low, (low + high) / 2, high].map(
    (value) =>
      `<path class="grid" d="M${PLOT.left} ${y(value).toFixed(1)}H${WIDTH - PLOT.right}"/>` +
      `<text x="${PLOT.left - 8}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${value.toFixed(4)}</text>`,
  );
  const marks = dots.map(
    ({ value, isSolid, text }, k) =>
      `<circle class="${isSolid ? "full" : "sample"}" cx="${x(k).toFixed(1)}" cy="${y(value).toFixed(1)}" r="4">` +
      `<title>${escaped(text)}</title></circle>`,
  );
  const ends = [0, dots.length - 1].map(
    (k) => `<text x="${x(k).toFixed(1)}" y="${PLOT.height - 8}" text-anchor="middle">${k + 1}</text>`,
  );
  return figure(title, PLOT.height, grid.join("") + bestLine(dots, x, y) + marks.join("") + ends.join(""));
}

function bestLine(dots: readonly Dot[], x: (k: number) => number, y: (value: number) => number): string {
  let best = -Infinity;
  const steps = dots.flatMap(({ value, isSolid }, k) => {
    const isFirst = best === -Infinity;
    if (isSolid) best = Math.max(best, value);
    if (best === -Infinity) return [];
    return [
      isFirst ? `M${x(k).toFixed(1)} ${y(best).toFixed(1)}` : `H${x(k).toFixed(1)}V${y(best).toFixed(1)}`,
    ];
  });
  return `<path class="best" d="${steps.join("")}"/>`;
}

const figure = (title: string, height: number, content: string) =>
  `<figure><figcaption>${escaped(title)}</figcaption>` +
  `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">${content}</svg></figure>`;
