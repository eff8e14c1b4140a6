import type { TuningTrial } from "../../contracts/tuning.ts";
import { gainOf, meanOf, type TestUser } from "../evaluation/quality.ts";
import { Random } from "../random.ts";
import type { Point, Space } from "./space.ts";
import { suggest } from "./tpe.ts";

/** What a search needs to know. */
export interface StudyRequest {
  space: Space;
  /** The point of the present settings. */
  present: Point;
  /** Who is asked, in an order that says nothing about them. */
  users: TestUser[];
  /** The value of each of these users at a point: more is better. */
  measure(point: Point, users: TestUser[]): Promise<Float64Array>;
  /** Points in all, those of earlier times included. */
  trials: number;
  /** Each time that a study goes on it draws other numbers. */
  seed: number;
  /** The trials of earlier times. */
  known: readonly TuningTrial[];
  /** Takes all trials after each new one, and the best of them. */
  onTrial(trials: readonly TuningTrial[], best: TuningTrial): Promise<void>;
}

/** The sample that a point is measured on first. Fewer users would tell nothing. */
const SAMPLE_SHARE = 0.25;
const SMALLEST_SAMPLE = 300;

/**
 * Searches for the best point in two stages. A point is measured on a sample of the users. If it is
 * within a standard error of the best point there, it is measured on all of them. If not, its value
 * is the best one's, less the difference on the sample: users that are hard for one point are hard
 * for the other, so that is nearer to the truth than the sample's mean.
 */
export async function search(request: StudyRequest): Promise<TuningTrial> {
  const { space, present, users, measure, onTrial } = request;
  const random = new Random(request.seed, 1);
  const sample = users.slice(0, Math.max(SMALLEST_SAMPLE, Math.ceil(SAMPLE_SHARE * users.length)));
  const trials = [...request.known];
  let best = bestOf(trials);
  let each = best && (await measure(best.point, users));
  while (trials.length < request.trials) {
    const point = trials.length === 0 ? present : suggest(space, trials, random);
    const few = await measure(point, sample);
    const behind = each && gainOf(each.subarray(0, sample.length), few);
    const areAll = sample.length === users.length;
    let trial: TuningTrial;
    if (behind && !areAll && behind.mean < -behind.standardError)
      trial = { point, value: best!.value + behind.mean, isFull: false };
    else {
      const all = areAll ? few : await measure(point, users);
      trial = { point, value: meanOf(all).mean, isFull: true };
      if (!best || trial.value > best.value) [best, each] = [trial, all];
    }
    trials.push(trial);
    await onTrial(trials, best!);
  }
  return best!;
}

function bestOf(trials: readonly TuningTrial[]): TuningTrial | undefined {
  const full = trials.filter(({ isFull }) => isFull);
  return full.length === 0 ? undefined : full.reduce((a, b) => (b.value > a.value ? b : a));
}
