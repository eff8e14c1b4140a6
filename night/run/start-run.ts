import type { Manifest } from "../../contracts/manifest.ts";
import { swapDocument } from "../state/document.ts";
import { enqueueNext } from "./chain.ts";
import { addDays, localTime } from "./day.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { GenerationConflict } from "../state/objects.ts";
import { AlreadyRunning, openRun } from "./open-run.ts";
import type { Queue } from "./queue.ts";
import { lease, listRuns, type Night, type Run } from "./run.ts";

/** The days with a complete table between two days, ascending. Both ends are included. */
export type CompleteDays = (first: string, last: string) => Promise<string[]>;

/** The result of a call of start-run. `alarming` means that an operator should look at it now. */
export interface Started {
  outcome: "started" | "resumed" | "revived" | "running" | "waiting" | "done" | "failed" | "gave up";
  run?: string;
  message: string;
  alarming: boolean;
}

/** Days to search backwards for a complete one, when yesterday's table does not come. */
const LOOK_BACK_DAYS = 14;

/**
 * Starts the night's run; Cloud Scheduler calls this every hour. It may be called at any time. It
 * starts a run when yesterday's table is there, however late. It revives a dead chain. It finishes
 * a run whose failure may have passed. After the deadline it takes the latest complete day, unless
 * a model knows that one already. Without any day it gives up, and raises an alarm.
 */
export async function startRun(
  night: Night,
  queue: Queue,
  completeDays: CompleteDays,
  versions: Record<string, string>,
): Promise<Started> {
  const { settings, objects } = night;
  const runs = await listRuns(objects, settings.shop);
  const running = runs.findLast(({ value }) => value.state === "running");
  if (running) return revive(night, queue, { document: running });

  const { day: today, time } = localTime(night.now(), settings.timeZone);
  const wanted = addDays(today, -1);
  const isLate = time >= settings.tableDeadline;
  const done = newestDone(runs.map(({ value }) => value));
  if (done && done.lastDay >= wanted) return hasRun(done);
  const complete = await completeDays(addDays(wanted, -LOOK_BACK_DAYS), wanted);
  const lastDay = complete.at(-1);
  if (lastDay !== wanted && !isLate) return waiting(`${wanted} is awaited until ${settings.tableDeadline}`);
  if (!lastDay) return gaveUp(`no table of the last ${LOOK_BACK_DAYS} days is there`);
  if (done && done.lastDay >= lastDay) {
    return waiting(`${wanted} has not come; run ${done.run} has used the newest one`, done.run);
  }

  const ofDay = runs.map(({ value }) => value).filter((run) => run.lastDay === lastDay);
  const last = ofDay.at(-1);
  if (last && !mayPass(last)) {
    // The alarm was raised when it failed.
    const message = `run ${last.run} has failed, and waits for you`;
    return { outcome: "failed", run: last.run, message, alarming: false };
  }
  const late = lastDay === wanted ? [] : [lateTable(wanted, settings.tableDeadline, lastDay)];
  return begin(night, queue, { lastDay, versions, late });
}

/** Most attempts at a stage in one run. After them, an operator must look at the failure. */
const MOST_ATTEMPTS = 9;

/** True if a failure of the run may pass by itself. */
const mayPass = ({ stages }: Manifest) =>
  Object.values(stages).some(
    ({ state, retry, attempt }) => state === "failed" && retry && attempt < MOST_ATTEMPTS,
  );

async function begin(
  night: Night,
  queue: Queue,
  { lastDay, versions, late }: { lastDay: string; versions: Record<string, string>; late: string[] },
): Promise<Started> {
  const fingerprint = fingerprintOf(night.settings, { lastDay });
  const run = await openRun(night, { lastDay, fingerprint, versions, isAlive: () => true }).catch((error) => {
    if (error instanceof AlreadyRunning) return null;
    throw error;
  });
  if (!run) return { outcome: "running", message: "another call has just started it", alarming: false };
  const { value } = run.document;
  const news = late.filter((text) => !value.warnings.includes(text));
  if (news.length > 0) {
    const warnings = [...value.warnings, ...news];
    run.document = await swapDocument(night.objects, run.document, { ...value, warnings });
  }
  await enqueueNext(queue, run.document.value, 0);
  const outcome = (value.look ?? 0) > 0 ? "resumed" : "started";
  return {
    outcome,
    run: value.run,
    message: [`run ${value.run} is ${outcome}`, ...late].join(". "),
    alarming: false,
  };
}

/**
 * Revives a chain whose lease has expired: it has died. The chain continues with the look that it
 * expects, under a new number.
 */
async function revive(night: Night, queue: Queue, run: Run): Promise<Started> {
  const { value } = run.document;
  const going = {
    outcome: "running",
    run: value.run,
    message: `run ${value.run} is running`,
    alarming: false,
  } as const;
  if (new Date(value.lease.expiresAt) > night.now()) return going;
  const message = `Nothing was heard of the run since ${value.lease.expiresAt}: it was revived.`;
  // A chain may die once. If it dies again, somebody must look at the functions.
  const alarming = value.warnings.some((text) => text.endsWith("it was revived."));
  const change = { lease: lease(night), look: (value.look ?? 0) + 1, warnings: [...value.warnings, message] };
  try {
    run.document = await swapDocument(night.objects, run.document, { ...value, ...change });
  } catch (error) {
    if (error instanceof GenerationConflict) return going;
    throw error;
  }
  await enqueueNext(queue, run.document.value, 0);
  return { outcome: "revived", run: value.run, message, alarming };
}

/** The finished run with the newest last day; of several the latest. */
function newestDone(runs: Manifest[]): Manifest | undefined {
  const done = runs.filter(({ state }) => state === "done");
  return done.reduce<Manifest | undefined>((a, b) => (a && a.lastDay > b.lastDay ? a : b), undefined);
}

function hasRun({ run }: Manifest): Started {
  return { outcome: "done", run, message: `run ${run} is done`, alarming: false };
}

function waiting(what: string, run?: string): Started {
  return {
    outcome: "waiting",
    ...(run ? { run } : {}),
    message: `the table of ${what}`,
    alarming: false,
  };
}

function gaveUp(why: string): Started {
  const message = `no new model: ${why}. The old one goes on serving. Look at the GA4 export of BigQuery`;
  return { outcome: "gave up", message, alarming: true };
}

function lateTable(day: string, deadline: string, used: string): string {
  return `The table of ${day} was not there by ${deadline}: the days up to ${used} are used.`;
}
