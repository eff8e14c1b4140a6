import { Problem } from "../../contracts/problem.ts";
import { paths, runOfManifest } from "../../contracts/layout.ts";
import { Manifest, STAGES, type StageName, type StageRecord } from "../../contracts/manifest.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { readDocument, swapDocument, type Document } from "../state/document.ts";
import { GenerationConflict, type Objects } from "../state/objects.ts";
import type { Operation, Stage, StageContext, StageState } from "./stage.ts";

/** Attempts at a stage before the run fails, if its failures may pass. */
const TRIES = 3;

/** Everything that a night needs from outside. */
export interface Night {
  objects: Objects;
  stages: Record<StageName, Stage>;
  settings: Settings;
  /** The holder of the lease. The lease prevents two nights of a shop at once. */
  owner: string;
  now: () => Date;
  /**
   * Writes the manifest at every look at a running stage. The default writes only when the lease
   * needs it.
   */
  writesEveryLook?: boolean;
}

/** A run in the hands of its driver: the manifest as last read or written. */
export interface Run {
  document: Document<Manifest>;
  /** When this driver started the current attempt: milliseconds of a clock that nobody sets. */
  attemptStarted?: number;
}

/** The result of a step, for display. */
export type Step = { stage: StageName; attempt: number; started?: boolean } & StageState;

/** The current stage of a run; undefined when all are done. */
export function currentStage({ stages }: Manifest): StageName | undefined {
  return STAGES.find((stage) => stages[stage].state !== "done");
}

/**
 * Moves a run one transition on: starts the next stage, or looks at the running one. Every
 * transition is a compare-and-swap on the manifest. So of two concurrent calls one wins, and the
 * other does nothing.
 * @returns the step, or null when the run has ended.
 * @throws GenerationConflict when another driver was faster. A stage's Problem fails the stage. Its
 * other errors pass through.
 */
export async function advance(night: Night, run: Run): Promise<Step | null> {
  const { value: manifest } = run.document;
  if (manifest.state !== "running") return null;
  const stage = currentStage(manifest)!;
  const record = manifest.stages[stage];
  if (manifest.cancel !== undefined) return cancelRun(night, run, manifest.cancel);
  if (record.state !== "running") return startAttempt(night, run, stage);
  if (isOverdue(night, run, record)) return giveUp(night, run);
  // Without an operation, the attempt's driver died before recording it. Its work may be running
  // all the same, so it is started again: that has the effect of once.
  if (!record.operation) return startWork(night, run, stage);
  const operation = record.operation;
  const looked = await problemsFail(() => night.stages[stage].poll(contextOf(night, run, stage), operation));
  await settle(night, run, stage, looked);
  return { stage, attempt: record.attempt, ...looked };
}

async function startAttempt(night: Night, run: Run, stage: StageName): Promise<Step> {
  const { attempt, tries } = run.document.value.stages[stage];
  const startedAt = night.now().toISOString();
  run.attemptStarted = performance.now();
  const record: StageRecord = { state: "running", attempt: attempt + 1, startedAt };
  await swapStages(night, run, { [stage]: tries === undefined ? record : { ...record, tries } });
  return startWork(night, run, stage);
}

async function startWork(night: Night, run: Run, stage: StageName): Promise<Step> {
  const { attempt } = run.document.value.stages[stage];
  const started = await problemsFail(async () => {
    const operation = await night.stages[stage].start(contextOf(night, run, stage));
    await swapStages(night, run, { [stage]: { ...run.document.value.stages[stage], operation } });
    return { state: "running", progress: 0 };
  });
  if (started.state === "failed") await settle(night, run, stage, started);
  return { stage, attempt, started: true, ...started };
}

/**
 * A Problem is a stage's own verdict. Any other error, of the network for example, may pass, and
 * goes to the caller.
 */
async function problemsFail(work: () => Promise<StageState>): Promise<StageState> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { state: "failed", reason: error.message, retry: false };
  }
}

async function settle(night: Night, run: Run, stage: StageName, looked: StageState): Promise<void> {
  const { stages, warnings } = run.document.value;
  const finishedAt = night.now().toISOString();
  if (looked.state === "running") return renewLease(night, run, stage, looked.progress);
  const { tries = 0, retry: _, ...before } = stages[stage];
  if (looked.state === "done") {
    const record: StageRecord = {
      ...before,
      state: "done",
      progress: 1,
      finishedAt,
      metrics: looked.metrics,
    };
    const ended =
      stage === STAGES.at(-1) ? ({ state: "done", finishedAt, lease: released(night) } as const) : {};
    const change = { ...ended, warnings: [...warnings, ...(looked.warnings ?? [])] };
    return swapStages(night, run, { [stage]: record }, change);
  }
  const { reason, retry } = looked;
  const record: StageRecord = { ...before, state: "failed", finishedAt, reason, retry, tries: tries + 1 };
  const again = retry && tries + 1 < TRIES;
  const ended = { state: "failed", finishedAt, lease: released(night) } as const;
  await swapStages(night, run, { [stage]: record }, again ? {} : ended);
}

/** A driver that stays goes by its own clock: the wall's may be set meanwhile. */
function isOverdue({ now, settings }: Night, { attemptStarted }: Run, { startedAt }: StageRecord): boolean {
  const elapsed =
    attemptStarted === undefined
      ? now().getTime() - Date.parse(startedAt!)
      : performance.now() - attemptStarted;
  return elapsed > settings.stageLimitMinutes * 60_000;
}

function giveUp(night: Night, run: Run): Promise<Step> {
  const { stageLimitMinutes } = night.settings;
  const reason = `it was still running after ${stageLimitMinutes} minutes, and was cancelled\n  Next: look at its job; if it only needs longer, raise stageLimitMinutes and run it again`;
  return cancelRun(night, run, reason);
}

/**
 * Cancels the running stage, if there is one. The manifest stays as it is: another driver may own
 * it by now.
 */
export async function abandonStage(night: Night, run: Run): Promise<void> {
  const { stages } = run.document.value;
  const stage = STAGES.find((name) => stages[name].state === "running");
  if (!stage) return;
  const context = contextOf(night, run, stage);
  const operation = stages[stage].operation ?? (await learnOperation(night, context, stage));
  await night.stages[stage].cancel(context, operation);
}

/**
 * Finds the operation of an attempt whose driver died before recording it. Starting the attempt
 * again returns it.
 * @throws Problem when the attempt cannot be started now. Then nobody knows its operation.
 */
async function learnOperation(night: Night, context: StageContext, stage: StageName): Promise<Operation> {
  try {
    return await night.stages[stage].start(context);
  } catch (cause) {
    const why = `whether its work was ever started is not known: ${(cause as Error).message}`;
    const next = "look whether something of this run is left; its own limits end it";
    throw new Problem({ doing: `Cancelling ${stage} of run ${context.manifest.run}`, why, next, cause });
  }
}

/**
 * Cancels the running stage, and ends the run as failed, with the reason. If the stage says in a
 * Problem that it cannot be cancelled, the manifest notes it. Any other error is thrown. Then the
 * next look tries to cancel again.
 */
export async function cancelRun(night: Night, run: Run, reason: string): Promise<Step> {
  const { stages, warnings } = run.document.value;
  const stage = currentStage(run.document.value)!;
  const cancelled = await problemsFail(async () => {
    await abandonStage(night, run);
    return { state: "running", progress: 0 };
  });
  const finishedAt = night.now().toISOString();
  const record: StageRecord = { ...stages[stage], state: "failed", finishedAt, reason, retry: false };
  const left = cancelled.state === "failed" ? [`${stage} could not be cancelled. ${cancelled.reason}`] : [];
  const ended = { state: "failed", finishedAt, lease: released(night) } as const;
  await swapStages(night, run, { [stage]: record }, { ...ended, warnings: [...warnings, ...left] });
  return { stage, attempt: record.attempt, state: "failed", reason, retry: false };
}

function contextOf({ settings }: Night, { document }: Run, stage: StageName): StageContext {
  return { manifest: document.value, settings, attempt: document.value.stages[stage].attempt };
}

async function swapStages(
  night: Night,
  run: Run,
  stages: Partial<Record<StageName, StageRecord>>,
  change: Partial<Manifest> = {},
): Promise<void> {
  const { value } = run.document;
  const next = { ...value, lease: lease(night), ...change, stages: { ...value.stages, ...stages } };
  run.document = await swapDocument(night.objects, run.document, { ...next, look: (value.look ?? 0) + 1 });
}

async function renewLease(night: Night, run: Run, stage: StageName, progress: number): Promise<void> {
  const left = Date.parse(run.document.value.lease.expiresAt) - night.now().getTime();
  const isFresh = left > (night.settings.leaseSeconds * 1000 * 2) / 3;
  if (isFresh && !night.writesEveryLook) return;
  await swapStages(night, run, { [stage]: { ...run.document.value.stages[stage], progress } });
}

export function lease({ owner, now, settings }: Night): Manifest["lease"] {
  return { owner, expiresAt: new Date(now().getTime() + settings.leaseSeconds * 1000).toISOString() };
}

function released({ owner, now }: Night): Manifest["lease"] {
  return { owner, expiresAt: now().toISOString() };
}

/** Manifests are kept for ever. A night, and a person, read only a shop's latest ones. */
const LATEST_RUNS = 100;

/** A shop's latest runs, oldest first. */
export interface Runs {
  manifests: Document<Manifest>[];
  /** Runs whose manifest cannot be read, and why: they must not stop other nights. */
  damaged: { run: string; problem: Problem }[];
}

/** Reads the manifests of a shop's latest runs. */
export async function readRuns(objects: Objects, shop: string, last = LATEST_RUNS): Promise<Runs> {
  const names = (await objects.list(paths.runs(shop))).flatMap((path) => runOfManifest(path) ?? []);
  const runs: Runs = { manifests: [], damaged: [] };
  const latest = names.sort(compareRuns).slice(-last);
  const read = await Promise.all(latest.map((run) => readManifest(objects, shop, run)));
  for (const [k, manifest] of read.entries()) {
    if (manifest instanceof Problem) runs.damaged.push({ run: latest[k], problem: manifest });
    else if (manifest) runs.manifests.push(manifest);
  }
  return runs;
}

/** The manifests of a shop's latest runs, oldest first, as far as they can be read. */
export const listRuns = async (objects: Objects, shop: string, last?: number) =>
  (await readRuns(objects, shop, last)).manifests;

const readManifest = (objects: Objects, shop: string, run: string) =>
  readDocument(objects, paths.manifest(shop, run), Manifest).catch((error: unknown) => {
    if (error instanceof Problem) return error;
    throw error;
  });

/**
 * The state of a run. A run counts as died when its lease has ended although it claims to be
 * running.
 */
export function stateOf({ state, lease }: Manifest, now: Date): Manifest["state"] | "died" {
  return state === "running" && Date.parse(lease.expiresAt) < now.getTime() ? "died" : state;
}

/** Orders runs by day, then by number, so that `.10` comes after `.9`. */
export function compareRuns(a: string, b: string): number {
  const [dayA, numberA] = a.split(".");
  const [dayB, numberB] = b.split(".");
  return dayA < dayB ? -1 : dayA > dayB ? 1 : Number(numberA) - Number(numberB);
}

/** Turns a lost race on a manifest into an error for people. */
export function takenOver(error: unknown, shop: string): unknown {
  if (!(error instanceof GenerationConflict)) return error;
  const next = "look at `steamer runs` and `steamer models`, then try again if it is still needed";
  return new Problem({
    doing: `Working on ${shop}`,
    why: "somebody else did so at the same time",
    next,
    cause: error,
  });
}
