import { Problem } from "../contracts/problem.ts";
import { STAGES, type Manifest, type StageName } from "../contracts/manifest.ts";
import { enqueueNext } from "./chain.ts";
import { swapDocument, type Document } from "./document.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { openRun } from "./open-run.ts";
import type { Queue } from "./queue.ts";
import { lease, listRuns, type Night } from "./run.ts";

/**
 * Asks for a run to be cancelled: the next look at it stops what is running, and the run ends as failed.
 * @throws Problem when it has ended already.
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
 * Runs a run's stages again from one on. A run that failed goes on; of one that is done a new run is made, which takes
 * over the stages before: models are never changed.
 * @throws Problem when it is running, or what the stage needs was never made.
 */
export async function rerun(
  night: Night,
  queue: Queue,
  { run, from, force }: { run?: string | undefined; from: StageName; force?: string | undefined },
): Promise<Manifest> {
  const document = await find(night, run);
  const { value } = document;
  if (value.state === "running") throw stillRunning(night, value);
  const missing = STAGES.slice(0, STAGES.indexOf(from)).find((stage) => value.stages[stage].state !== "done");
  if (missing) throw notThere(night, value, from, missing);
  const orders = force === undefined ? {} : { force };
  const reset = (stages: Manifest["stages"]) =>
    Object.fromEntries(
      STAGES.map((stage, k) => {
        const { attempt } = stages[stage];
        return [stage, k < STAGES.indexOf(from) ? stages[stage] : { state: "pending", attempt }];
      }),
    ) as Manifest["stages"];
  if (value.state === "failed") {
    const { finishedAt: _, cancel: __, ...before } = value;
    return goOn(
      night,
      queue,
      { ...document, value: before },
      { ...orders, state: "running", stages: reset(value.stages) },
    );
  }
  const request = {
    lastDay: value.lastDay,
    fingerprint: value.settings,
    versions: value.versions,
    isAlive: () => true,
  };
  const opened = await openRun(night, { ...request, anew: true, orders });
  return goOn(night, queue, opened.document, { stages: reset(value.stages) });
}

/**
 * Exports days again whose tables have been repaired, in a new run of the same last day as the latest.
 * @throws Problem when a night is running, or there has been none yet (the first night exports all days of its window anyway).
 */
export async function backfill(night: Night, queue: Queue, days: string[]): Promise<Manifest> {
  const { value } = await find(night, undefined);
  const { lastDay, versions } = value;
  const fingerprint = fingerprintOf(night.settings, { lastDay });
  const orders = { reexport: days };
  const run = await openRun(night, {
    lastDay,
    fingerprint,
    versions,
    isAlive: () => true,
    anew: true,
    orders,
  });
  return goOn(night, queue, run.document, {});
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

/** The named run, or the latest. */
async function find({ objects, settings }: Night, run: string | undefined): Promise<Document<Manifest>> {
  const runs = await listRuns(objects, settings.shop);
  const found = run === undefined ? runs.at(-1) : runs.find(({ value }) => value.run === run);
  if (found) return found;
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

function stillRunning({ settings }: Night, { run }: Manifest): Problem {
  const next = `wait for it, or cancel it: steamer cancel --shop ${settings.shop}`;
  return new Problem({ doing: `Running ${run} again`, why: "it is still running", next });
}

function notThere({ settings }: Night, { run }: Manifest, from: StageName, missing: StageName): Problem {
  const next = `steamer rerun --shop ${settings.shop} --from ${missing}`;
  return new Problem({
    doing: `Running ${run} again from ${from}`,
    why: `its ${missing} never finished`,
    next,
  });
}
