import { setImmediate, setTimeout } from "node:timers/promises";
import type { Manifest } from "../../../contracts/manifest.ts";
import type { LoadMetrics } from "../../../contracts/metrics.ts";
import { aheadOf } from "../../../contracts/settings/personal.ts";
import { mostActive } from "../../../core/personal/active-users.ts";
import { personalModel } from "../../../core/personal/personal-model.ts";
import { computeAhead, type AheadOrder, type AheadWork } from "../../../day/compute-ahead.ts";
import type { ListWriter } from "../../../day/personal-lists.ts";
import { Retries } from "../../../day/retries.ts";
import type { StageContext } from "../../../night/run/stage.ts";
import { readBlockList } from "../../../night/state/block-list.ts";
import { erasedInRun, nameOnList } from "../../../night/state/erased-list.ts";
import { openFactors } from "../../../night/state/factors.ts";
import type { ModelFiles } from "../../../night/state/model-file.ts";
import type { Objects } from "../../../night/state/objects.ts";
import { AT_ONCE, openSnapshot } from "../../../night/state/snapshot.ts";
import type { Hooks } from "../local-stage.ts";

/**
 * A list stays right as long as its model serves: until the next night, which may be half a day
 * late (Google Analytics completes its tables at another hour each day).
 */
const KEPT_MS = 36 * 3_600_000;
/** The new model waits no longer for lists than that, counted from when its files are there. */
const MOST_MS = 10 * 60_000;
/** Of the stage's limit. With the rest it still ends in time, and is not cancelled. */
const MOST_OF_LIMIT = 0.9;
const RETRIES = 3;

/** What a stage adds to its metrics, and to the night's warnings. */
export interface Ahead {
  metrics: Pick<LoadMetrics, "ahead">;
  warnings: string[];
}

/** A built model, and where its users' lists go. */
export interface AheadRun {
  context: StageContext;
  objects: Objects;
  files: ModelFiles;
  openWriter(): Promise<ListWriter>;
}

/**
 * Computes the lists of the most active users, before anybody can see the model. What goes wrong is
 * a warning: the same lists are made when their users come.
 * @throws the signal's reason
 */
export async function listsAhead(run: AheadRun, hooks: Hooks): Promise<Ahead> {
  const most = aheadOf(run.context.settings);
  if (most === 0 || !run.files.loaded.factors) return { metrics: {}, warnings: [] };
  const startedAt = Date.now();
  const time = timeOf(run.context, startedAt);
  const { stored, wanted, error, kept } = await attempt(run, { most, startedAt, time }, hooks);
  const seconds = Math.round((Date.now() - startedAt) / 100) / 10;
  const why = error === undefined ? time.overWhy : textOf(error);
  const warnings = [
    ...(stored < wanted ? [tooFew(stored, wanted, why)] : []),
    ...(kept === undefined ? [] : [mayBeKept(kept)]),
  ];
  return { metrics: { ahead: { users: stored, seconds } }, warnings };
}

async function attempt(
  run: AheadRun,
  { most, startedAt, time }: { most: number; startedAt: number; time: Time },
  hooks: Hooks,
): Promise<Awaited<ReturnType<typeof computeAhead>> & { wanted: number; kept?: unknown }> {
  let wanted = most;
  try {
    const order = await orderOf(run, most, startedAt + KEPT_MS);
    wanted = order.users.length;
    const writer = await run.openWriter();
    try {
      const computed = await computeAhead(order, workOf({ writer, time, wanted }, hooks));
      return { ...computed, kept: await forgetErased(run, order, writer), wanted };
    } finally {
      await writer.close().catch(() => {});
    }
  } catch (error) {
    hooks.signal.throwIfAborted();
    return { stored: 0, wanted, error };
  }
}

/**
 * Deletes the lists of users whose erasure began meanwhile. An erasure that begins later deletes
 * them itself: all are written.
 * @returns the error, if some may be left
 */
async function forgetErased(
  { objects, context: { manifest } }: AheadRun,
  { shop, name, model, users }: AheadOrder,
  writer: ListWriter,
): Promise<unknown> {
  try {
    const isErased = await erasedIn(objects, manifest);
    const erased: string[] = [];
    for (const row of users) if (await isErased(model.users.idOf(row))) erased.push(model.users.idOf(row));
    if (erased.length > 0)
      await writer.deleteAll(erased.map((user) => ({ shop, model: name, scope: "", user })));
    return undefined;
  } catch (error) {
    return error;
  }
}

/** The users who are on the list now. */
async function erasedIn(objects: Objects, manifest: Manifest): Promise<(user: string) => Promise<boolean>> {
  const erased = await erasedInRun(objects, manifest);
  const isNobody = Object.keys(erased).length === 0;
  return async (user) => !isNobody && (await nameOnList(user)) in erased;
}

async function orderOf(
  { objects, context, files }: AheadRun,
  most: number,
  expiresAt: number,
): Promise<AheadOrder> {
  const { manifest, settings } = context;
  const snapshot = await openSnapshot(files, AT_ONCE);
  const factors = (await openFactors(files, snapshot.items, AT_ONCE))!;
  // Their factors may have been written before the erasure began.
  const isErased = await erasedIn(objects, manifest);
  const users: number[] = [];
  for (const row of mostActive(factors.users.histories, most))
    if (!(await isErased(factors.users.idOf(row)))) users.push(row);
  const blocked = Object.keys((await readBlockList(objects, manifest.shop)).items);
  return {
    shop: manifest.shop,
    name: manifest.run,
    model: personalModel(snapshot, factors, settings),
    users: Uint32Array.from(users),
    results: settings["personal.results"],
    excluded: snapshot.findAll(blocked).filter((row) => row >= 0),
    expiresAt,
  };
}

function workOf(
  { writer, time, wanted }: { writer: ListWriter; time: Time; wanted: number },
  { progress, signal }: Hooks,
): AheadWork {
  return {
    writer,
    retries: new Retries({ most: RETRIES, sleep: setTimeout, random: Math.random }),
    signal,
    mayGoOn: () => Date.now() < time.endsAt,
    progress: (stored) => progress(stored / wanted, `lists ahead of ${stored} users`),
    pause: setImmediate,
  };
}

/** When the time for lists ends, and why, for people. */
interface Time {
  endsAt: number;
  overWhy: string;
}

function timeOf({ manifest, settings: { stageLimitMinutes } }: StageContext, startedAt: number): Time {
  const own = startedAt + MOST_MS;
  const ofStage = Date.parse(manifest.stages.load.startedAt!) + MOST_OF_LIMIT * stageLimitMinutes * 60_000;
  if (own <= ofStage) return { endsAt: own, overWhy: "ten minutes were over: lower personal.ahead" };
  const overWhy = `the stage was near its limit of ${stageLimitMinutes} minutes, most of which it spent before: raise stageLimitMinutes`;
  return { endsAt: ofStage, overWhy };
}

const tooFew = (stored: number, wanted: number, why: string) =>
  `${stored} of ${wanted} users' lists were computed ahead; the others are made when their users come. ${why}`;

const mayBeKept = (error: unknown) =>
  `The list of a user who was erased meanwhile may be left: run \`steamer user erase\` for them again. ${textOf(error)}`;

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
