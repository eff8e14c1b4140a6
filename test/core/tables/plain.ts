import { hash } from "node:crypto";
import { compareUtf8 } from "../../../core/text/order.ts";
import type { Knobs } from "../../../contracts/settings/similarity.ts";
import type { Row } from "../../../core/library.ts";

/**
 * The definition of similarity, written down as it reads, over a dense table. Slow, and easy to
 * believe.
 */
export function plainNeighbours(rows: Row[], options: Knobs): Map<string, [string, number][]> {
  const similarityOf = plainSimilarities(rows, options);
  const items = [...new Set(rows.map(({ item }) => item))];
  const neighbours = new Map<string, [string, number][]>();
  for (const i of items) {
    const list: [string, number][] = [];
    for (const j of items) {
      const score = i === j ? 0 : rounded(similarityOf(i, j));
      if (score > 0) list.push([j, score]);
    }
    list.sort((x, y) => y[1] - x[1] || compareUtf8(x[0], y[0]));
    neighbours.set(i, list.slice(0, options.top));
  }
  return neighbours;
}

function plainSimilarities(rows: Row[], options: Knobs): (i: string, j: string) => number {
  if (options.method === "order") return plainOrder(rows, options);
  const vectors = plainVectors(rows, options);
  return (i, j) => plainCosine(vectors.get(i)!, vectors.get(j)!, options);
}

/**
 * By order, with G(i,j) = F(i→j) + F(j→i) and G(i,i) the users of i:
 *
 *     G(i,j) / (G(i,i)^a G(j,j)^(1-a)) * N/(N+L) * 2 (F(i→j) + b F(j→i)) / ((1+b) G(i,j))
 */
function plainOrder(rows: Row[], options: Knobs): (i: string, j: string) => number {
  const { alpha, shrinkage, minSupport, window, distanceDecay, backward } = options;
  const histories = [...plainHistories(rows, options.cap).values()];
  const users = (i: string) => histories.filter((history) => history.includes(i)).length;
  return (i, j) => {
    let [n, forth, back] = [0, 0, 0];
    for (const history of histories) {
      const distance = history.indexOf(j) - history.indexOf(i);
      if (!history.includes(i) || !history.includes(j) || Math.abs(distance) > window) continue;
      const f = 1 / (1 + distanceDecay * Math.abs(distance));
      n++;
      if (distance > 0) forth += f;
      else back += f;
    }
    if (n === 0 || n < minSupport) return 0;
    const g = forth + back;
    const direction = (2 * (forth + backward * back)) / ((1 + backward) * g);
    return (g / (users(i) ** alpha * users(j) ** (1 - alpha))) * (n / (n + shrinkage)) * direction;
  };
}

/** Each user's items, oldest first, at their latest times; ties by the id's bytes. */
function plainHistories(rows: Row[], cap: number): Map<string, string[]> {
  const allowed = mostRecentItems(rows, cap);
  const at = (user: string, item: string) =>
    Math.max(...rows.filter((row) => row.user === user && row.item === item).map(({ lastAt = 0 }) => lastAt));
  return new Map(
    [...allowed].map(([user, items]) => [
      user,
      [...items].sort((a, b) => at(user, a) - at(user, b) || compareUtf8(a, b)),
    ]),
  );
}

export type Vector = Map<string, number>;

export function plainVectors(rows: Row[], { vectors, eventWeights, cap }: Knobs): Map<string, Vector> {
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

function plainCosine(a: Vector, b: Vector, { alpha, shrinkage, minSupport }: Knobs): number {
  const common = [...a.keys()].filter((user) => b.has(user));
  const n = common.length;
  if (n < minSupport || n === 0) return 0;
  const dot = common.reduce((sum, user) => sum + a.get(user)! * b.get(user)!, 0);
  const norm = (vector: Vector) =>
    Math.sqrt([...vector.values()].reduce((sum, value) => sum + value * value, 0));
  return (dot / (norm(a) ** (2 * alpha) * norm(b) ** (2 - 2 * alpha))) * (n / (n + shrinkage));
}

/** To six decimals, halves to even; a hair's breadth beside a half is a half. */
function rounded(score: number): number {
  const halves = score * 2e6;
  const isHalf = Math.abs(halves - Math.round(halves)) < 2e-6 && Math.round(halves) % 2 === 1;
  if (!isHalf) return Math.round(score * 1e6) / 1e6;
  return (2 * Math.round(Math.round(halves) / 4)) / 1e6;
}
