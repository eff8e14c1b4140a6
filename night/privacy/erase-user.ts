import { Problem } from "../../contracts/problem.ts";
import type { Manifest } from "../../contracts/manifest.ts";
import { listRuns } from "../run/run.ts";
import { beginErasure, finishErasure } from "../state/erased-list.ts";
import type { Objects } from "../state/objects.ts";
import type { Place } from "./place.ts";

/** What an erasure needs from outside. */
export interface Erasing {
  objects: Objects;
  shop: string;
  now(): Date;
  /** True while the process that drives a night is alive; who cannot tell answers true. */
  isAlive(owner: string): boolean;
  /** Resolves when services that were running before know the list as it is now. */
  servicesFollow(): Promise<void>;
  progress(place: string, share: number): void;
}

/**
 * Erases a user. First the user is put on the list: from then on no export takes their earlier
 * events, no model that is loaded anew has them, and services do not know them. Then their copies
 * are removed. What is interrupted is finished by another call.
 * @returns the rows removed, by place.
 * @throws Problem while a night is running, which may read the copies, and write others. By then
 * the user is on the list.
 */
export async function eraseUser(
  places: readonly Place[],
  user: string,
  erasing: Erasing,
): Promise<Record<string, number>> {
  const { objects, shop, now, servicesFollow, progress } = erasing;
  const at = await beginErasure(objects, shop, user, now());
  const stored = places.filter(({ isServed }) => !isServed);
  const served = places.filter(({ isServed }) => isServed);
  const following = served.length > 0 ? servicesFollow() : null;
  const removed: Record<string, number> = {};
  async function eraseFrom({ name, erase }: Place) {
    const rows = await erase(user, (share) => progress(name, share));
    removed[name] = (removed[name] ?? 0) + rows;
  }
  let night = await nightOf(erasing);
  for (let before = ""; night.running === undefined && night.state !== before;) {
    before = night.state;
    for (const place of stored) await eraseFrom(place);
    // One that has run meanwhile may have written what it had read before.
    night = await nightOf(erasing);
  }
  await following;
  for (const place of served) await eraseFrom(place);
  if (night.running !== undefined) throw atWork(shop, night.running);
  await finishErasure(objects, shop, user, at);
  return removed;
}

/** The run that is at work, and a text that changes with every step of any run. */
async function nightOf({ objects, shop, isAlive }: Erasing) {
  const runs = (await listRuns(objects, shop)).map(({ value }) => value);
  // A lease that has ended says nothing: the job of a cloud's night may work on, and be taken up.
  const isAtWork = (run: Manifest) => run.state === "running" && isAlive(run.lease.owner);
  const state = JSON.stringify(runs.map(({ run, state, look }) => [run, state, look]));
  return { running: runs.find(isAtWork)?.run, state };
}

function atWork(shop: string, run: string): Problem {
  const why = `night ${run} is running, and works with copies from before. The user is on the list, and unknown to the Personalizer; files, and lists of the model to come, may still have what they did`;
  const next = `run the same command again when the night has ended: \`steamer runs --shop ${shop}\` shows it, and one that has died is ended by the next one, or by \`steamer cancel\``;
  return new Problem({ doing: `Erasing a user of ${shop}`, why, next });
}
