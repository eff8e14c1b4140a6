import type { EventName } from "../../contracts/interactions.ts";
import type { Scored } from "../model/neighbour-table.ts";

/**
 * One user of a test: the history seen in training, and the items of later events as targets. Items
 * are numbers. A target that is new since training is -1.
 */
export interface TestUser {
  history: Record<EventName, number[]>;
  /** The distinct items of the history, oldest first; absent: it has no times. */
  timeline?: number[];
  /** Items that are never recommended to the user, beside those of the history. */
  disliked?: number[];
  targets: number[];
  /** The user's row in training, or -1. */
  row: number;
}

/** Means over the test's users; coverage is a share of all items. */
export interface Quality {
  recall10: number;
  recall20: number;
  ndcg10: number;
  mrr10: number;
  coverage10: number;
}

/** The quality, and the NDCG@10 of each user. */
export interface Measured {
  quality: Quality;
  /** Users whose tenth item is as good as the eleventh: the order of items chose. */
  tied10: number;
  each: Float64Array;
}

/** Recommends the n best items for a user, best first, without the items of the user's history. */
export type Recommend<User = TestUser> = (user: User, n: number) => readonly Scored[];

/** So many items are asked for each user. */
export const DEPTH = 20;

/**
 * Ranks all items for each user, without sampled negatives. Targets that training never saw count
 * as misses. The measures:
 *
 *     Recall@K     hits / min(K, |targets|)
 *     NDCG@10      binary; its ideal has min(10, |targets|) hits
 *     MRR@10       1 / rank of the first hit
 *     Coverage@10  distinct items in all top-10 lists / items
 *
 * docs/QUALITY.md says it in words. `take` gets each list.
 */
export function evaluate<User extends Pick<TestUser, "targets">>(
  users: User[],
  items: number,
  recommend: Recommend<User>,
  take: (user: number, list: readonly Scored[]) => void = () => {},
): Measured {
  const sum = { recall10: 0, recall20: 0, ndcg10: 0, mrr10: 0 };
  const shown = new Set<number>();
  const each = new Float64Array(users.length);
  let tied10 = 0;
  for (const [u, user] of users.entries()) {
    const list = recommend(user, DEPTH);
    take(u, list);
    if (list.length > 10 && list[9].score === list[10].score) tied10++;
    const targets = new Set(user.targets.filter((item) => item >= 0));
    const hits = list.map(({ item }) => targets.has(item));
    for (const { item } of list.slice(0, 10)) shown.add(item);
    sum.recall10 += recallAt(10, hits, user.targets.length);
    sum.recall20 += recallAt(20, hits, user.targets.length);
    each[u] = gain(hits.slice(0, 10)) / gain(Array(Math.min(10, user.targets.length)).fill(true));
    sum.ndcg10 += each[u];
    sum.mrr10 += hits.slice(0, 10).includes(true) ? 1 / (hits.indexOf(true) + 1) : 0;
  }
  const mean = (total: number) => total / (users.length || 1);
  const quality = {
    recall10: mean(sum.recall10),
    recall20: mean(sum.recall20),
    ndcg10: mean(sum.ndcg10),
    mrr10: mean(sum.mrr10),
    coverage10: shown.size / (items || 1),
  };
  return { quality, tied10, each };
}

/** A mean over users, and its standard error. */
export interface Gain {
  mean: number;
  standardError: number;
}

/** How much more the second way of recommending gets than the first, user by user. */
export const gainOf = (before: Float64Array, after: Float64Array): Gain =>
  meanOf(after.map((value, u) => value - before[u]));

/** How much one of two that were asked for the same users gets more than the other. */
export interface Difference extends Gain {
  /** The name of the other. */
  over: string;
}

/** The second, with its difference in NDCG@10 to the first. */
export const comparedWith = <M extends Measured>(other: Measured & { name: string }, own: M) => ({
  ...own,
  gain: { over: other.name, ...gainOf(other.each, own.each) },
});

/** The mean, and its standard error: NaN for one value. */
export function meanOf(values: Float64Array): Gain {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, standardError: Math.sqrt(squares / (n - 1) / n) };
}

function recallAt(k: number, hits: boolean[], targets: number): number {
  return hits.slice(0, k).filter(Boolean).length / Math.min(k, targets);
}

/** Discounted cumulative gain: a hit at rank r (from 1) adds 1 / log2(r + 1). */
function gain(hits: boolean[]): number {
  return hits.reduce((sum, hit, k) => sum + (hit ? 1 / Math.log2(k + 2) : 0), 0);
}
