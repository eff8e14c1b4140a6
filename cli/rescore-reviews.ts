import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { Problem } from "../contracts/problem.ts";
import type { Settings } from "../contracts/settings/settings.ts";
import type { Classifier } from "../day/classifier.ts";
import type { ReviewStore } from "../day/reviews/review-store.ts";
import { traceparentBelow } from "../recommender/http/trace.ts";
import { openClassifier } from "../recommender/reviews/open-reviews.ts";
import { workerOf } from "../recommender/reviews/scoring.ts";
import { markAll } from "../day/reviews/mark-all.ts";
import { showProgress } from "./progress.ts";
import { count } from "./table.ts";
import { print } from "./print.ts";

/** Pause between two looks at what still waits. */
const LOOK_MS = 500;

/** Carries the tasks out itself, beside a recommender that may run. */
export async function rescoreReviews(
  store: ReviewStore,
  settings: Settings,
  signal: AbortSignal,
): Promise<void> {
  const { shop } = settings;
  const classifier = await openClassifier(settings);
  if (!classifier) throw noService();
  try {
    const model = await modelOf(classifier, settings);
    await markAll((place) => store.tasks.rescore(shop, model, place), signal);
    const { waitingAgain: all } = await store.tasks.counts(shop);
    workerOf(settings, store, () => classifier, pino({ level: "silent" })).start();
    await untilDone(store, shop, all, signal);
    const { failed } = await store.tasks.counts(shop);
    print(`All scores of ${shop} are by ${model}: ${count(all)} reviews were scored again.`);
    if (failed > 0) print(`${count(failed)} were set aside: steamer reviews failed --shop ${shop}`);
  } finally {
    classifier.close();
  }
}

/** The model that the service has now. */
async function modelOf(classifier: Classifier, settings: Settings): Promise<string> {
  const { "reviews.address": address, "reviews.callMs": deadlineMs } = settings;
  try {
    const { model } = await classifier.classify("good", {
      deadlineMs,
      traceparent: traceparentBelow(undefined),
    });
    return model;
  } catch (cause) {
    const why = `the inference service at ${address} does not answer: ${(cause as Error).message}`;
    throw new Problem({ doing: "Scoring reviews again", why, next: "start it, and run this again", cause });
  }
}

async function untilDone(
  { tasks }: ReviewStore,
  shop: string,
  all: number,
  signal: AbortSignal,
): Promise<void> {
  const progress = showProgress(process.stderr);
  for (;;) {
    signal.throwIfAborted();
    const { waitingAgain } = await tasks.counts(shop);
    if (waitingAgain === 0) break;
    progress.update("rescore", 1 - waitingAgain / Math.max(all, waitingAgain), `${count(waitingAgain)} wait`);
    await sleep(LOOK_MS);
  }
  progress.done("rescore", `${count(all)} reviews`);
}

function noService(): Problem {
  const next = "name it: --reviews.address 127.0.0.1:50052";
  return new Problem({ doing: "Scoring reviews again", why: "there is no inference service", next });
}
