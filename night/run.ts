import { Problem } from "../contracts/problem.ts";
import { Manifest, STAGES, paths, type StageName, type StageRecord } from "../contracts/manifest.ts";
import type { Settings } from "../contracts/settings.ts";
import { readDocument, swapDocument, type Document } from "./document.ts";
import { GenerationConflict, type Objects } from "./objects.ts";
import type { Operation, Stage, StageState } from "./stage.ts";

/** Attempts at a stage whose failures may pass, before the run fails. */
const TRIES = 3;

/** All that a night needs from the world around it. */
export interface Night {
  objects: Objects;
  stages: Record<StageName, Stage>;
  settings: Settings;
  /** Who holds the lease, so that two nights of a shop never run at once. */
  owner: string;
  now: () => Date;
}

/** A run in progress, as its driver holds it. */
export interface Run {
  document: Document<Manifest>;
  operation: Operation | null;
  tries: number;
  leaseRenewedAt: number;
}

/** What a step did, for whoever shows it. */
export type Step = { stage: StageName; attempt: number } & StageState;

/**
 * Moves a run one transition on: starts the next stage, or looks at the one that is running. Every transition is a
 * compare-and-swap on the manifest, so a repeated or concurrent call loses the race and does nothing.
 * @returns what happened, or null when the run has ended.
 * @throws GenerationConflict when another driver has taken the run over.
 */
export async function advance(night: Night, run: Run): Promise<Step | null> {
  const { value: manifest } = run.document;
  if (manifest.state !== "running") return null;
  const name = STAGES.find((stage) => manifest.stages[stage].state !== "done")!;
  const { attempt, state } = manifest.stages[name];
  if (state !== "running" || !run.operation) return startStage(night, run, name);
  const looked = await night.stages[name].poll(run.operation);
  await settle(night, run, name, looked);
  return { stage: name, attempt, ...looked };
}

async function startStage(night: Night, run: Run, name: StageName): Promise<Step> {
  const attempt = run.document.value.stages[name].attempt + 1;
  const record: StageRecord = { state: "running", attempt, startedAt: night.now().toISOString() };
  await swapStages(night, run, { [name]: record });
  run.operation = await night.stages[name].start({
    manifest: run.document.value,
    settings: night.settings,
    attempt,
  });
  return { stage: name, attempt, state: "running", progress: 0 };
}

async function settle(night: Night, run: Run, name: StageName, looked: StageState): Promise<void> {
  const { stages, warnings } = run.document.value;
  const finishedAt = night.now().toISOString();
  if (looked.state === "running") return renewLease(night, run, name, looked.progress);
  run.operation = null;
  if (looked.state === "done") {
    run.tries = 0;
    const record: StageRecord = {
      ...stages[name],
      state: "done",
      progress: 1,
      finishedAt,
      metrics: looked.metrics,
    };
    const last = name === STAGES.at(-1);
    const ended = last ? ({ state: "done", finishedAt, lease: released(night) } as const) : {};
    await swapStages(
      night,
      run,
      { [name]: record },
      { ...ended, warnings: [...warnings, ...(looked.warnings ?? [])] },
    );
    return;
  }
  const record: StageRecord = { ...stages[name], state: "failed", finishedAt, reason: looked.reason };
  const again = looked.retry && ++run.tries < TRIES;
  await swapStages(
    night,
    run,
    { [name]: record },
    again ? {} : { state: "failed", finishedAt, lease: released(night) },
  );
}

/** Cancels the running stage, if there is one, and leaves the manifest alone: it may be another driver's by now. */
export async function abandonStage(night: Night, run: Run): Promise<StageName | undefined> {
  const { stages } = run.document.value;
  const name = STAGES.find((stage) => stages[stage].state === "running");
  if (name && run.operation) await night.stages[name].cancel(run.operation);
  return name;
}

/** Cancels what is running and ends the run as failed, with the reason. */
export async function cancelRun(night: Night, run: Run, reason: string): Promise<void> {
  const { stages, state } = run.document.value;
  const name = await abandonStage(night, run);
  if (state !== "running") return;
  const finishedAt = night.now().toISOString();
  const failed = name ? { [name]: { ...stages[name], state: "failed" as const, finishedAt, reason } } : {};
  await swapStages(night, run, failed, { state: "failed", finishedAt, lease: released(night) });
}

async function swapStages(
  night: Night,
  run: Run,
  stages: Partial<Record<StageName, StageRecord>>,
  change: Partial<Manifest> = {},
): Promise<void> {
  const { value } = run.document;
  const next = { ...value, lease: lease(night), ...change, stages: { ...value.stages, ...stages } };
  run.document = await swapDocument(night.objects, run.document, next);
  run.leaseRenewedAt = night.now().getTime();
}

async function renewLease(night: Night, run: Run, name: StageName, progress: number): Promise<void> {
  const age = night.now().getTime() - run.leaseRenewedAt;
  if (age < (night.settings.leaseSeconds * 1000) / 3) return;
  await swapStages(night, run, { [name]: { ...run.document.value.stages[name], progress } });
}

export function lease({ owner, now, settings }: Night): Manifest["lease"] {
  return { owner, expiresAt: new Date(now().getTime() + settings.leaseSeconds * 1000).toISOString() };
}

function released({ owner, now }: Night): Manifest["lease"] {
  return { owner, expiresAt: now().toISOString() };
}

/** All manifests of a shop, oldest run first. */
export async function listRuns(objects: Objects, shop: string): Promise<Document<Manifest>[]> {
  const found = (await objects.list(paths.runs(shop))).filter((path) => path.endsWith("/manifest.json"));
  const documents = await Promise.all(found.map((path) => readDocument(objects, path, Manifest)));
  return documents
    .filter((document) => document !== null)
    .sort((a, b) => compareRuns(a.value.run, b.value.run));
}

/** Orders runs by day, then by number (so `.10` comes after `.9`). */
export function compareRuns(a: string, b: string): number {
  const [dayA, numberA] = a.split(".");
  const [dayB, numberB] = b.split(".");
  return dayA < dayB ? -1 : dayA > dayB ? 1 : Number(numberA) - Number(numberB);
}

/** Turns a lost race on a manifest into what a person should know. */
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
