import { Problem } from "../../contracts/problem.ts";
import { STAGES, type Manifest, type StageName } from "../../contracts/manifest.ts";
import { enqueueNext } from "./chain.ts";
import { swapDocument, type Document } from "../state/document.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { daysUpTo } from "./day.ts";
import { alreadyRunning, openRun } from "./open-run.ts";
import { areExportsThere } from "../state/exports.ts";
import type { Queue } from "./queue.ts";
import { lease, listRuns, readRuns, type Night } from "./run.ts";

/**
 * Orders a run's cancellation. The next look stops the running stage, and the run ends as failed.
 * @throws Problem when the run has ended already.
 */
export async function cancel(
  night: Night,
  queue: Queue,
  { run, reason }: { run?: string | undefined; reason: string },
): Promise<Manifest> {
  const document = await find(night, run);
  if (document.value.state !== "running") throw ended(night, document.value);
  return goOn(night, queue, document, { cancel: reason });
}

/**
 * Repeats a run's stages from the given one on. A failed run continues. A finished run is never
 * changed: a new run takes over its earlier stages.
 * @throws Problem when a night is running. Also when the stage's input was never made, or is gone.
 */
export async function rerun(
  night: Night,
  queue: Queue,
  { run, from, force }: { run?: string | undefined; from: StageName; force?: string | undefined },
): Promise<Manifest> {
  const document = await find(night, run);
  const { value } = document;
  await refuseBesideAnother(night);
  const missing = before(from).find((stage) => value.stages[stage].state !== "done");
  if (missing) throw notThere(night, value, from, missing);
  const needsExports = before(from).includes("export") && from !== "publish";
  if (needsExports && !(await areExportsThere(night.objects, value))) throw pruned(night, value);
  const orders = force === undefined ? {} : { force };
  if (value.state === "failed") {
    const { finishedAt: _, cancel: __, force: ___, ...rest } = value;
    const again = { ...orders, state: "running", stages: resetFrom(from, value.stages) } as const;
    return goOn(night, queue, { ...document, value: rest }, again);
  }
  const { lastDay, settings: fingerprint, versions } = value;
  const request = { lastDay, fingerprint, versions, isAlive: () => true };
  const opened = await openRun(night, { ...request, anew: true, orders });
  // A new run has a new model name, and the model must be loaded under it before it can be
  // published.
  const first = from === "publish" ? "load" : from;
  return goOn(night, queue, opened.document, { stages: resetFrom(first, value.stages) });
}

const before = (from: StageName) => STAGES.slice(0, STAGES.indexOf(from));

function resetFrom(from: StageName, stages: Manifest["stages"]): Manifest["stages"] {
  const kept = before(from);
  const reset = STAGES.map((stage) => {
    const { attempt } = stages[stage];
    return [stage, kept.includes(stage) ? stages[stage] : { state: "pending", attempt }];
  });
  return Object.fromEntries(reset) as Manifest["stages"];
}

/**
 * Exports days again after their tables were repaired: the named days, or the `last` ones of the
 * latest run's window. It starts a new run for the same last day.
 * @throws Problem when a night is running, a day lies outside the window, or there was no run yet.
 * A first run exports all days of its window anyway.
 */
export async function backfill(
  night: Night,
  queue: Queue,
  { days, last }: { days?: string[] | undefined; last?: number | undefined },
): Promise<Manifest> {
  const { value } = await find(night, undefined);
  await refuseBesideAnother(night);
  const { lastDay, versions } = value;
  const window = daysUpTo(lastDay, night.settings.days);
  const reexport = days ?? window.slice(-(last ?? window.length));
  const outside = reexport.find((day) => !window.includes(day));
  if (outside) throw outsideWindow(outside, window);
  const fingerprint = fingerprintOf(night.settings, { lastDay });
  const request = { lastDay, fingerprint, versions, isAlive: () => true, anew: true, orders: { reexport } };
  const run = await openRun(night, request);
  return goOn(night, queue, run.document, {});
}

/** Refuses even if the other run's chain has died, since its job may still be running. */
async function refuseBesideAnother(night: Night): Promise<void> {
  const runs = await listRuns(night.objects, night.settings.shop);
  const running = runs.find(({ value }) => value.state === "running")?.value;
  if (running) throw alreadyRunning(night, `run ${running.run}; cancel it first: steamer cancel`);
}

async function goOn(
  night: Night,
  queue: Queue,
  document: Document<Manifest>,
  change: Partial<Manifest>,
): Promise<Manifest> {
  const look = (document.value.look ?? 0) + 1;
  const { value } = await swapDocument(night.objects, document, {
    ...document.value,
    lease: lease(night),
    ...change,
    look,
  });
  await enqueueNext(queue, value, 0);
  return value;
}

/** The named run, or the latest one. */
async function find({ objects, settings }: Night, run: string | undefined): Promise<Document<Manifest>> {
  const { manifests: runs, damaged } = await readRuns(objects, settings.shop);
  const found = run === undefined ? runs.at(-1) : runs.find(({ value }) => value.run === run);
  if (found) return found;
  const unreadable = damaged.find((each) => each.run === run);
  if (unreadable) throw unreadable.problem;
  const why = run === undefined ? "there has been no run yet" : `there is no run ${run}`;
  const next =
    runs.length > 0
      ? `choose one of ${runs
          .slice(-5)
          .map(({ value }) => value.run)
          .join(", ")}`
      : "start a night first";
  throw new Problem({ doing: `Looking for a run of ${settings.shop}`, why, next });
}

function ended({ settings }: Night, { run, state }: Manifest): Problem {
  const next = `\`steamer runs --shop ${settings.shop}\` shows what it did`;
  return new Problem({ doing: `Cancelling run ${run}`, why: `it is ${state} already`, next });
}

function notThere({ settings }: Night, { run }: Manifest, from: StageName, missing: StageName): Problem {
  const next = `steamer rerun --shop ${settings.shop} --from ${missing}`;
  return new Problem({
    doing: `Running ${run} again from ${from}`,
    why: `its ${missing} never finished`,
    next,
  });
}

function pruned({ settings }: Night, { run }: Manifest): Problem {
  const next = `steamer rerun --shop ${settings.shop} ${run} --from export`;
  return new Problem({ doing: `Running ${run} again`, why: "exports that it has pinned are gone", next });
}

function outsideWindow(day: string, window: string[]): Problem {
  const next = `name days from ${window[0]} to ${window.at(-1)}, or raise the setting days first`;
  return new Problem({ doing: `Exporting ${day} again`, why: "no model is made of that day", next });
}
