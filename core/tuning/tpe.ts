import type { Random } from "../random.ts";
import { Parzen } from "./parzen.ts";
import { randomPoint, type Point, type Space } from "./space.ts";

/** A point that was tried, and what it came to: more is better. */
export interface Trial {
  point: Point;
  value: number;
}

/** So many points are drawn blindly, before there is anything to learn from. */
const BLIND = 10;
/** Candidates a suggestion is chosen from. */
const CANDIDATES = 40;
/** The share of trials that count as good, and the most of them. */
const GOOD_SHARE = 0.15;
const MOST_GOOD = 25;

/**
 * The next point to try, by a tree-structured Parzen estimator (Bergstra et al., "Algorithms for
 * Hyper-Parameter Optimization", 2011). The trials are split into good and other ones, each with a
 * density of its own: l and g. Candidates are drawn from l. The one with the largest l/g has the
 * largest expected improvement. Both densities are joint ones of all knobs (Falkner et al., "BOHB",
 * 2018), so that knobs that act together are found together.
 */
export function suggest(space: Space, trials: readonly Trial[], random: Random): Point {
  if (trials.length < BLIND) return randomPoint(space, random);
  const best = trials.toSorted((a, b) => b.value - a.value).map(({ point }) => point);
  const good = Math.min(MOST_GOOD, Math.ceil(GOOD_SHARE * best.length));
  const l = new Parzen(space, best.slice(0, good));
  const g = new Parzen(space, best.slice(good));
  let chosen: Point = {};
  let most = -Infinity;
  for (let k = 0; k < CANDIDATES; k++) {
    const point = l.sample(random);
    const gain = l.logDensity(point) - g.logDensity(point);
    if (gain <= most) continue;
    most = gain;
    chosen = point;
  }
  return chosen;
}
