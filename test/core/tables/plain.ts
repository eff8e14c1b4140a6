import { hash } from "node:crypto";
import { CholeskyDecomposition, Matrix } from "ml-matrix";
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
  if (options.method === "ridge") return plainRidge(rows, options);
  const vectors = plainVectors(rows, options);
  return (i, j) => plainCosine(vectors.get(i)!, vectors.get(j)!, options);
}

/** F(i→j), N(i,j), and the users of each item, over histories. */
function plainCounts(rows: Row[], { cap, window, distanceDecay }: Knobs) {
  const histories = [...plainHistories(rows, cap).values()];
  const [f, n, users] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()];
  const add = (to: Map<string, number>, key: string, value: number) =>
    to.set(key, (to.get(key) ?? 0) + value);
  for (const history of histories) {
    for (const [b, j] of history.entries()) {
      add(users, j, 1);
      for (const [a, i] of history.entries()) {
        const d = b - a;
        if (d > 0 && d <= window) add(f, `${i} ${j}`, 1 / (1 + distanceDecay * d));
        if (d !== 0 && Math.abs(d) <= window) add(n, `${i} ${j}`, 1);
      }
    }
  }
  return {
    f: (i: string, j: string) => f.get(`${i} ${j}`) ?? 0,
    n: (i: string, j: string) => n.get(`${i} ${j}`) ?? 0,
    users: (i: string) => users.get(i) ?? 0,
  };
}

/**
 * By order, with G(i,j) = F(i→j) + F(j→i) and G(i,i) the users of i:
 *
 *     G(i,j) / (G(i,i)^a G(j,j)^(1-a)) * N/(N+L) * 2 (F(i→j) + b F(j→i)) / ((1+b) G(i,j))
 */
function plainOrder(rows: Row[], options: Knobs): (i: string, j: string) => number {
  const { alpha, shrinkage, minSupport, backward } = options;
  const { f, n, users } = plainCounts(rows, options);
  return (i, j) => {
    if (n(i, j) === 0 || n(i, j) < minSupport) return 0;
    const g = f(i, j) + f(j, i);
    const direction = (2 * (f(i, j) + backward * f(j, i))) / ((1 + backward) * g);
    const support = n(i, j) / (n(i, j) + shrinkage);
    return (g / (users(i) ** alpha * users(j) ** (1 - alpha))) * support * direction;
  };
}

/**
 * By ridge: for each item j, with the candidates C of largest G(i,j)/sqrt(G(i,i) G(j,j)) N/(N+L),
 *
 *     w = (G_CC + diag(r + o G(c,c)))^-1 G_Cj
 *     p_j = 1 / ((1+o) G(j,j) + r - G_Cj w)
 *
 * and -P(i,j) = p_j w_i, or the mean of both directions. The score is -P(i,j) / (p_i^(1-a) p_j^a)
 * times the direction of `order`. In G_CC a co-count is 0 that neither of both keeps.
 */
function plainRidge(rows: Row[], options: Knobs): (i: string, j: string) => number {
  const { alpha, shrinkage, minSupport, backward, candidates, regularization, ownShare } = options;
  const { f, n, users } = plainCounts(rows, options);
  const items = [...new Set(rows.map(({ item }) => item))];
  const g = (i: string, j: string) => f(i, j) + f(j, i);
  const best = (most: number, score: (i: string) => number) =>
    items
      .map((i) => [i, rounded(score(i))] as const)
      .filter(([, score]) => score > 0)
      .sort((x, y) => y[1] - x[1] || compareUtf8(x[0], y[0]))
      .slice(0, most)
      .map(([i]) => i);
  const kept = new Map(items.map((i) => [i, new Set(best(options.coCounts, (j) => g(i, j) / users(i)))]));
  const count = (c: string, d: string) => (kept.get(c)!.has(d) || kept.get(d)!.has(c) ? g(c, d) : 0);
  const diagonal = (c: string) => users(c) + regularization + ownShare * users(c);
  const minus = new Map<string, Map<string, number>>();
  const precision = new Map<string, number>();
  for (const j of items) {
    const enough = (i: string) => n(i, j) >= Math.max(1, minSupport);
    const chosen = best(candidates, (i) =>
      enough(i) ? (g(i, j) / Math.sqrt(users(i) * users(j))) * (n(i, j) / (n(i, j) + shrinkage)) : 0,
    );
    const side = chosen.map((i) => g(i, j));
    const weights = solved(
      chosen.map((c) => chosen.map((d) => (c === d ? diagonal(c) : count(c, d)))),
      side,
    );
    const rest = diagonal(j) - side.reduce((sum, value, k) => sum + value * weights[k], 0);
    precision.set(j, 1 / (rest > 0 ? rest : diagonal(j)));
    minus.set(j, new Map(chosen.map((i, k) => [i, precision.get(j)! * weights[k]])));
  }
  return (i, j) => {
    const found = [minus.get(j)!.get(i), minus.get(i)!.get(j)].filter((value) => value !== undefined);
    if (found.length === 0) return 0;
    const mean = found.reduce((a, b) => a + b) / found.length;
    const direction = (2 * (f(i, j) + backward * f(j, i))) / ((1 + backward) * g(i, j));
    return (mean / (precision.get(i)! ** (1 - alpha) * precision.get(j)! ** alpha)) * direction;
  };
}

/** The solution of A w = y; zeros where A is not positive definite. */
function solved(rows: number[][], y: number[]): number[] {
  if (y.length === 0) return [];
  const cholesky = new CholeskyDecomposition(new Matrix(rows));
  if (!cholesky.isPositiveDefinite()) return y.map(() => 0);
  return cholesky.solve(Matrix.columnVector(y)).to1DArray();
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
