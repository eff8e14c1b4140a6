import { hash } from "node:crypto";
import { compareUtf8 } from "../../../core/text/order.ts";
import type { Options, Row } from "../../../core/library.ts";

/**
 * The definition of similarity, written down as it reads, over a dense table. Slow, and easy to
 * believe.
 */
export function plainNeighbours(rows: Row[], options: Options): Map<string, [string, number][]> {
  const vectors = plainVectors(rows, options);
  const neighbours = new Map<string, [string, number][]>();
  for (const [i, a] of vectors) {
    const list: [string, number][] = [];
    for (const [j, b] of vectors) {
      const score = i === j ? 0 : plainSimilarity(a, b, options);
      if (score > 0) list.push([j, score]);
    }
    list.sort((x, y) => y[1] - x[1] || compareUtf8(x[0], y[0]));
    neighbours.set(i, list.slice(0, options.top));
  }
  return neighbours;
}

export type Vector = Map<string, number>;

export function plainVectors(rows: Row[], { vectors, eventWeights, cap }: Options): Map<string, Vector> {
  const allowed = mostRecentItems(rows, cap);
  const result = new Map<string, Vector>();
  for (const { user, item, event = "view_item", count = 1 } of rows) {
    if (!result.has(item)) result.set(item, new Map());
    if (!allowed.get(user)!.has(item)) continue;
    const vector = result.get(item)!;
    vector.set(user, vectors === "binary" ? 1 : (vector.get(user) ?? 0) + eventWeights[event] * count);
  }
  return result;
}

const sha256 = (id: string) => hash("sha256", id);

function mostRecentItems(rows: Row[], cap: number): Map<string, Set<string>> {
  const lastAt = new Map<string, Map<string, number>>();
  for (const { user, item, lastAt: at = 0 } of rows) {
    if (!lastAt.has(user)) lastAt.set(user, new Map());
    const items = lastAt.get(user)!;
    items.set(item, Math.max(items.get(item) ?? 0, at));
  }
  const newest = (items: Map<string, number>) =>
    [...items]
      .sort((a, b) => b[1] - a[1] || compareUtf8(sha256(a[0]), sha256(b[0])))
      .slice(0, cap || Infinity);
  return new Map([...lastAt].map(([user, items]) => [user, new Set(newest(items).map(([item]) => item))]));
}

function plainSimilarity(a: Vector, b: Vector, { alpha, shrinkage, minSupport }: Options): number {
  const common = [...a.keys()].filter((user) => b.has(user));
  const n = common.length;
  if (n < minSupport || n === 0) return 0;
  const dot = common.reduce((sum, user) => sum + a.get(user)! * b.get(user)!, 0);
  const norm = (vector: Vector) =>
    Math.sqrt([...vector.values()].reduce((sum, value) => sum + value * value, 0));
  const score = (dot / (norm(a) ** (2 * alpha) * norm(b) ** (2 - 2 * alpha))) * (n / (n + shrinkage));
  return rounded(score);
}

/** To six decimals, halves to even; a hair's breadth beside a half is a half. */
function rounded(score: number): number {
  const halves = score * 2e6;
  const isHalf = Math.abs(halves - Math.round(halves)) < 2e-6 && Math.round(halves) % 2 === 1;
  if (!isHalf) return Math.round(score * 1e6) / 1e6;
  return (2 * Math.round(Math.round(halves) / 4)) / 1e6;
}
