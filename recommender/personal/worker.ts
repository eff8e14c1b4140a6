import type { FastifyBaseLogger } from "fastify";
import { BreakerOpen } from "../../day/breaker.ts";
import { traceOf, type CallFailed, type Guard } from "../../day/calls.ts";
import { computeList, type Computing } from "../../day/compute-list.ts";
import type { PersonalTask } from "../../day/personal-lists.ts";
import type { PersonalMetrics } from "./personal-metrics.ts";

/** Carries out tasks of one shop in this process. */
export interface Worker {
  breaker: Pick<Guard["breaker"], "admits" | "state">;
  /** It never throws. */
  carryOut(task: PersonalTask): Promise<void>;
}

export interface WorkerOptions extends Omit<Computing, "called" | "retrying" | "comesAgain"> {
  metrics: PersonalMetrics;
  log: FastifyBaseLogger;
}

export function createWorker({ metrics, log, ...tools }: WorkerOptions): Worker {
  const computing: Computing = {
    ...tools,
    called: (status) => metrics.calls.add([status]),
    retrying: () => metrics.retries.add([]),
    // The next request makes another.
    comesAgain: () => false,
  };
  return {
    breaker: tools.breaker,
    async carryOut(task) {
      const startedAt = performance.now();
      const { outcome, why = {} } = await outcomeOf(task, computing);
      metrics.tasks.add([outcome]);
      const ms = Math.round(performance.now() - startedAt);
      const own = log.child({ trace: traceOf(task.traceparent), model: task.model });
      own[outcome === "failed" ? "warn" : "info"]({ outcome, ...why, ms }, "a personal list");
    },
  };
}

async function outcomeOf(task: PersonalTask, computing: Computing) {
  try {
    return { outcome: await computeList(task, computing) };
  } catch (error) {
    if (error instanceof BreakerOpen) return { outcome: "refused" };
    const { status, message } = error as Partial<CallFailed> & Error;
    return { outcome: "failed", why: { status, why: message } };
  }
}
