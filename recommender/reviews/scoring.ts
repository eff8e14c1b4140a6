import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyBaseLogger } from "fastify";
import type { Settings } from "../../contracts/settings/settings.ts";
import { Breaker } from "../../day/breaker.ts";
import type { Classifier } from "../../day/classifier.ts";
import { Retries } from "../../day/retries.ts";
import type { ReviewStore, ReviewTask } from "../../day/reviews/review-store.ts";
import { scoreReview, type ScoringBounds } from "../../day/reviews/score-review.ts";
import { traceOf } from "../../day/calls.ts";
import { ReviewMetrics } from "./review-metrics.ts";

/** Failed calls in a row after which the service is left alone. */
const FAILURES = 5;

interface ScoringOptions {
  shop: string;
  store: ReviewStore;
  /** Null: there is no inference service, and reviews wait for one. */
  classifier(): Classifier | null;
  bounds: ScoringBounds;
  breakMs: number;
  log: FastifyBaseLogger;
}

/** Finds out what the reviews of a shop say, one task after the other. */
export interface Worker {
  start(): void;
  metrics: ReviewMetrics;
  /** The things that do not work now, in words that anybody may see. */
  failing(): string[];
}

/** A worker as the settings say. */
export const workerOf = (
  settings: Settings,
  store: ReviewStore,
  classifier: () => Classifier | null,
  log: FastifyBaseLogger,
): Worker =>
  createWorker({
    shop: settings.shop,
    store,
    classifier,
    bounds: {
      callMs: settings["reviews.callMs"],
      retries: settings["reviews.retries"],
      attempts: settings["reviews.attempts"],
    },
    breakMs: settings["reviews.breakMs"],
    log,
  });

function createWorker(options: ScoringOptions): Worker {
  const { shop, store, classifier, bounds, breakMs, log } = options;
  const breaker = new Breaker({ failures: FAILURES, pauseMs: breakMs, now: () => performance.now() });
  const retries = new Retries({ most: bounds.retries, sleep, random: Math.random });
  const metrics = new ReviewMetrics(shop, breaker, () => store.lastCounts(shop));
  const { calls, retries: retried } = metrics.service;
  const guard = {
    breaker,
    retries,
    called: (status: string) => calls.add([status]),
    retrying: () => retried.add([]),
  };
  const clock = { now: Date.now, random: Math.random };

  async function carryOut(task: ReviewTask): Promise<void> {
    // Neither text nor user is ever logged.
    const own = log.child({ trace: traceOf(task.traceparent), review: task.id });
    const startedAt = performance.now();
    const tookMs = () => Math.round(performance.now() - startedAt);
    try {
      const scoring = { ...guard, ...clock, tasks: store.tasks, classifier: classifier()!, bounds };
      const outcome = await scoreReview(task, scoring);
      metrics.tasks.add([outcome]);
      const line = { outcome, tries: task.tries, ms: tookMs() };
      if (outcome === "set aside") own.warn(line, "a review's score");
      else own.info(line, "a review's score");
    } catch (error) {
      // The store tells its own log of failures. The task comes back when its lease ends.
      metrics.tasks.add(["lost"]);
      own.warn({ outcome: "lost", why: (error as Error).message, ms: tookMs() }, "a review's score");
    }
  }

  return {
    start: () => store.work(shop, carryOut, () => classifier() !== null && breaker.admits),
    metrics,
    failing: () => (breaker.state === "closed" ? [] : ["the inference service"]),
  };
}
