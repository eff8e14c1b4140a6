import { setImmediate, setTimeout } from "node:timers/promises";
import type { LoadMetrics } from "../../../contracts/metrics.ts";
import { aheadOf } from "../../../contracts/settings/personal.ts";
import { mostActive } from "../../../core/personal/active-users.ts";
import { personalModel } from "../../../core/personal/personal-model.ts";
import { computeAhead, type AheadOrder, type AheadWork } from "../../../day/compute-ahead.ts";
import type { ListWriter } from "../../../day/personal-lists.ts";
import { Retries } from "../../../day/retries.ts";
import type { StageContext } from "../../../night/run/stage.ts";
import { readBlockList } from "../../../night/state/block-list.ts";
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
/** The new model waits no longer for lists than that. */
const MOST_MS = 10 * 60_000;
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
  const { stored, wanted, error } = await attempt(run, { most, startedAt }, hooks);
  const seconds = Math.round((Date.now() - startedAt) / 100) / 10;
  const warnings = stored < wanted ? [tooFew(stored, wanted, error)] : [];
  return { metrics: { ahead: { users: stored, seconds } }, warnings };
}

async function attempt(
  run: AheadRun,
  { most, startedAt }: { most: number; startedAt: number },
  hooks: Hooks,
): Promise<Awaited<ReturnType<typeof computeAhead>> & { wanted: number }> {
  let wanted = most;
  try {
    const order = await orderOf(run, most, startedAt + KEPT_MS);
    wanted = order.users.length;
    const writer = await run.openWriter();
    try {
      return { ...(await computeAhead(order, workOf(run, { writer, startedAt, wanted }, hooks))), wanted };
    } finally {
      await writer.close().catch(() => {});
    }
  } catch (error) {
    hooks.signal.throwIfAborted();
    return { stored: 0, wanted, error };
  }
}

async function orderOf(
  { objects, context, files }: AheadRun,
  most: number,
  expiresAt: number,
): Promise<AheadOrder> {
  const { manifest, settings } = context;
  const snapshot = await openSnapshot(files, AT_ONCE);
  const factors = (await openFactors(files, snapshot.items, AT_ONCE))!;
  const blocked = Object.keys((await readBlockList(objects, manifest.shop)).items);
  return {
    shop: manifest.shop,
    name: manifest.run,
    model: personalModel(snapshot, factors, settings),
    users: mostActive(factors.users.histories, most),
    results: settings["personal.results"],
    excluded: snapshot.findAll(blocked).filter((row) => row >= 0),
    expiresAt,
  };
}

function workOf(
  { context: { manifest, settings } }: AheadRun,
  { writer, startedAt, wanted }: { writer: ListWriter; startedAt: number; wanted: number },
  { progress, signal }: Hooks,
): AheadWork {
  const half = (settings.stageLimitMinutes * 60_000) / 2;
  const endsAt = Math.min(startedAt + MOST_MS, Date.parse(manifest.stages.load.startedAt!) + half);
  return {
    writer,
    retries: new Retries({ most: RETRIES, sleep: setTimeout, random: Math.random }),
    signal,
    mayGoOn: () => Date.now() < endsAt,
    progress: (stored) => progress(stored / wanted, `lists ahead of ${stored} users`),
    pause: setImmediate,
  };
}

function tooFew(stored: number, wanted: number, error: unknown): string {
  const why = error === undefined ? "there was no more time: lower personal.ahead" : textOf(error);
  return `${stored} of ${wanted} users' lists were computed ahead; the others are made when their users come. ${why}`;
}

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
