import { Problem } from "../../contracts/problem.ts";
import { paths } from "../../contracts/layout.ts";
import { STAGES, type Manifest } from "../../contracts/manifest.ts";
import type { Document } from "../state/document.ts";
import { swapDocument } from "../state/document.ts";
import { GenerationConflict } from "../state/objects.ts";
import { lease, readRuns, type Night, type Run, type Runs } from "./run.ts";
import { areExportsThere } from "../state/exports.ts";
import { isSameFingerprint } from "./fingerprint.ts";

/** The input of a new run. */
export interface RunRequest {
  lastDay: string;
  versions: Record<string, string>;
  /**
   * The settings and sources that shape the model. Only a run with the same ones finishes an
   * interrupted run.
   */
  fingerprint: Record<string, unknown>;
  /**
   * True while the holder of a lease is alive. A caller that cannot tell answers true. Then the end
   * of the lease decides.
   */
  isAlive: (owner: string) => boolean;
  /** Starts a new run even if the day's last run can be finished. */
  anew?: boolean;
  /** Orders for this night, beside its settings. */
  orders?: Pick<Manifest, "force" | "reexport">;
}

/**
 * Opens the night's run. It continues the day's last unfinished run if the fingerprint is the same,
 * and keeps its finished stages. Otherwise it starts a new run.
 * @throws Problem when a night of this shop is already running.
 */
export async function openRun(night: Night, request: RunRequest): Promise<Run> {
  const { manifests: runs, damaged } = await requireIdle(night, request.isAlive);
  const last = runs.findLast((run) => run.value.lastDay === request.lastDay);
  try {
    const resumable = last && (await isResumable(night, last.value, request));
    await abandonDead(
      night,
      runs.filter((run) => !resumable || run !== last),
    );
    const names = [...runs.map(({ value }) => value.run), ...damaged.map(({ run }) => run)];
    const next = resumable
      ? resumed(night, last.value, request)
      : begun(night, request, nextOf(names, request));
    const path = paths.manifest(next.shop, next.run);
    const before = resumable ? last : { path, value: next, generation: null };
    return { document: await swapDocument(night.objects, before, next) };
  } catch (error) {
    if (error instanceof GenerationConflict) throw alreadyRunning(night, "it started a moment ago", error);
    throw error;
  }
}

/** The number of the day's next run. */
function nextOf(runs: string[], { lastDay }: RunRequest): number {
  const numbers = runs.map((run) => run.split(".")).filter(([day]) => day === lastDay);
  return 1 + Math.max(0, ...numbers.map(([, number]) => Number(number)));
}

/**
 * The shop's runs, none of which is at work. Nothing can work on one with a damaged manifest.
 * @throws Problem when a night of this shop is already running.
 */
export async function requireIdle(night: Night, isAlive: RunRequest["isAlive"]): Promise<Runs> {
  const runs = await readRuns(night.objects, night.settings.shop);
  for (const run of runs.manifests) refuseIfRunning(night, run.value, isAlive);
  return runs;
}

/**
 * False for a run that is done, has another fingerprint, or has lost its data (to pruning, for
 * example).
 */
async function isResumable({ objects }: Night, manifest: Manifest, request: RunRequest): Promise<boolean> {
  const { state, settings, stages, shop, run } = manifest;
  if (state === "done" || request.anew || !isSameFingerprint(settings, request.fingerprint)) return false;
  if (stages.export.state !== "done") return true;
  const models = await objects.list(paths.model(shop, run));
  const isThere = await areExportsThere(objects, manifest);
  return isThere && (stages.similarity.state !== "done" || models.length > 0);
}

function refuseIfRunning(
  night: Night,
  { run, state, lease }: Manifest,
  isAlive: RunRequest["isAlive"],
): void {
  if (state !== "running") return;
  const expired = new Date(lease.expiresAt) <= night.now();
  if (expired || !isAlive(lease.owner)) return;
  throw alreadyRunning(night, `run ${run} is held by ${lease.owner} until ${lease.expiresAt}`);
}

/** Another night of the shop is running. Only one may run at a time. */
export class AlreadyRunning extends Problem {}

export function alreadyRunning(
  { settings }: Pick<Night, "settings">,
  why: string,
  cause?: unknown,
): AlreadyRunning {
  const next = `wait for it to end; steamer runs --shop ${settings.shop} shows how far it is. A night that died frees its place when its lease ends`;
  return new AlreadyRunning({
    doing: `Starting the night of ${settings.shop}`,
    why: `a night is running already: ${why}`,
    next,
    cause,
  });
}

/** Marks dead runs that no later run finishes as failed. */
async function abandonDead(night: Night, runs: Document<Manifest>[]): Promise<void> {
  for (const run of runs.filter(({ value }) => value.state === "running")) {
    const finishedAt = night.now().toISOString();
    const warnings = [...run.value.warnings, "The run died, and a later run took its place."];
    await swapDocument(night.objects, run, { ...run.value, state: "failed", finishedAt, warnings });
  }
}

/** Keeps finished stages. The interrupted stage gets a new attempt. */
function resumed(night: Night, manifest: Manifest, { orders }: RunRequest): Manifest {
  const { finishedAt: _, cancel: __, force: ___, ...kept } = manifest;
  const stages = { ...kept.stages };
  for (const stage of STAGES) {
    if (stages[stage].state !== "done") stages[stage] = { state: "pending", attempt: stages[stage].attempt };
  }
  return {
    ...kept,
    ...orders,
    state: "running",
    stages,
    lease: lease(night),
    look: (manifest.look ?? 0) + 1,
  };
}

function begun(night: Night, request: RunRequest, number: number): Manifest {
  const pending = { state: "pending", attempt: 0 } as const;
  return {
    format: 1,
    shop: night.settings.shop,
    run: `${request.lastDay}.${number}`,
    lastDay: request.lastDay,
    state: "running",
    startedAt: night.now().toISOString(),
    lease: lease(night),
    settings: request.fingerprint,
    versions: request.versions,
    warnings: [],
    ...request.orders,
    look: 0,
    stages: { export: pending, similarity: pending, load: pending, publish: pending },
  };
}
