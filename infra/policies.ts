/** When somebody is told: alarm policies of Cloud Monitoring. */
import { PERSONAL_QUEUE } from "../contracts/google-names.ts";
import { LATE_SECONDS, MODELS_AGE, RUNS_ON, WAITING_AGE } from "./metrics.ts";
import { inferenceName, personalizerName } from "./names.ts";

const HOUR = "3600s";
/** The longest silence that a policy can ask for. */
const SILENCE = "84600s";
/** Longer than a service that starts, or swaps its model, takes. */
const LASTING = "900s";
const CLOSING = { autoClose: "86400s" };
const trigger = { count: 1 };

/** An alarm while any of its conditions holds. */
const policy = (displayName: string, conditions: object[], content: string, alertStrategy?: object) => ({
  displayName,
  combiner: "OR",
  conditions,
  ...(alertStrategy ? { alertStrategy } : {}),
  documentation: { content, mimeType: "text/markdown" },
});

const above = (displayName: string, measured: object, duration = LASTING) => ({
  displayName,
  conditionThreshold: { ...measured, comparison: "COMPARISON_GT", duration, trigger },
});
const silent = (displayName: string, measured: object, duration: string) => ({
  displayName,
  conditionAbsent: { ...measured, duration, trigger },
});

/** An alarm for lines of the log that are errors. `labels`: what it says of the line. */
const faults = (
  displayName: string,
  { filter, labels, ...condition }: { displayName: string; filter: string; labels: object },
  content: string,
) => {
  const conditionMatchedLog = {
    filter: `${RUNS_ON} AND severity>=ERROR AND ${filter}`,
    labelExtractors: labels,
  };
  const strategy = { notificationRateLimit: { period: HOUR }, ...CLOSING };
  return policy(displayName, [{ ...condition, conditionMatchedLog }], content, strategy);
};
const fields = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, `EXTRACT(jsonPayload.${name})`]));
const ofService = { service: "EXTRACT(resource.labels.service_name)" };

/**
 * An old model and a silent metric both mean that the nights fail. A model's age counts from the
 * end of its last day. At four in the afternoon of the third day two tables are late.
 */
const OLD_HOURS = 64;
const oldModel = policy(
  `Steamer: a model is older than ${OLD_HOURS} hours`,
  [
    above(`older than ${OLD_HOURS} hours`, { ...MODELS_AGE, thresholdValue: OLD_HOURS }, "0s"),
    silent("no age for a day", MODELS_AGE, SILENCE),
  ],
  "Customers still get the old model. `steamer runs` shows the nights; docs/OPERATIONS.md says what to do.",
);

const failedNight = faults(
  "Steamer: a night has failed",
  {
    displayName: "night failed",
    filter: 'jsonPayload.event="night failed"',
    labels: fields("shop", "run", "stage"),
  },
  "The log line and the run's manifest say why, and what to do next. Customers still get the old model.",
);

/** What people did yesterday says it, so it is known a night late, and is no fault of a machine. */
const fallenQuality = faults(
  "Steamer: recommendations got worse",
  {
    displayName: "quality fell",
    filter: 'jsonPayload.event="quality fell"',
    labels: fields("shop", "run"),
  },
  "The model that served yesterday found less of what people did than the one before. The log line has the figures; docs/OPERATIONS.md says where to look.",
);

const QUEUE = `resource.type="cloud_tasks_queue" AND resource.labels.queue_id="${PERSONAL_QUEUE}"`;
const SLOW_MS = 60_000;

/** A metric of the queue of users' lists: all its series together, every five minutes. */
const ofQueue = (name: string, perSeriesAligner: string, crossSeriesReducer: string) => ({
  filter: `metric.type="cloudtasks.googleapis.com/queue/${name}" AND ${QUEUE}`,
  aggregations: [{ alignmentPeriod: "300s", perSeriesAligner, crossSeriesReducer }],
});
const ATTEMPTS = ofQueue("task_attempt_count", "ALIGN_RATE", "REDUCE_SUM");
const DELAY = ofQueue("task_attempt_delays", "ALIGN_DELTA", "REDUCE_PERCENTILE_50");

/** An alarm for users' lists. */
const lists = (what: string, condition: string, measured: object, content: string) =>
  policy(`Steamer: users' lists ${what}`, [above(condition, measured)], content, CLOSING);

/** Cloud Run answers with 200 where gRPC fails, so the tasks tell, not the requests. */
const failingLists = lists(
  "fail",
  "more than half of the tasks fail",
  {
    ...ATTEMPTS,
    filter: `${ATTEMPTS.filter} AND metric.labels.response_code!="ok"`,
    denominatorFilter: ATTEMPTS.filter,
    denominatorAggregations: ATTEMPTS.aggregations,
    thresholdValue: 0.5,
  },
  "Customers get similar or popular items. The log of the function personalize says why; docs/OPERATIONS.md says what to do.",
);

const waitingLists = lists(
  "come late",
  "half of the tasks wait for more than a minute",
  { ...DELAY, thresholdValue: SLOW_MS },
  "More users come than lists can be computed for. Customers get similar or popular items meanwhile.",
);

/**
 * What no further attempt mends, and what Cloud Run says of the Personalizer: no start, no answer
 * to a probe, no memory.
 */
const faultyPersonalizer = faults(
  "Steamer: a Personalizer has a fault",
  {
    displayName: "its log has an error, or that of a user's list",
    filter: `(resource.labels.service_name:"${personalizerName("")}" OR jsonPayload.event="personal list")`,
    labels: ofService,
  },
  "The log line says what: a model that cannot be read, an instance that does not start, too little memory, or a call that was refused.",
);

/** While reviews wait nothing is lost. Without a look nobody would know. */
const waitingReviews = policy(
  "Steamer: reviews get no sentiment",
  [
    above("the oldest waits for more than ten minutes", { ...WAITING_AGE, thresholdValue: LATE_SECONDS }),
    silent("no look for an hour", WAITING_AGE, HOUR),
  ],
  "Reviews are kept, and wait. The logs of the function score-review and of the inference service say why; docs/OPERATIONS.md says what to do.",
  CLOSING,
);

/** A text that was set aside, and what Cloud Run says of the inference service. */
const faultyReviews = faults(
  "Steamer: a review or an inference service has a fault",
  {
    displayName: "the service's log has an error, or that of a review",
    filter: `(resource.labels.service_name:"${inferenceName("")}" OR jsonPayload.event="review")`,
    labels: { ...ofService, ...fields("shop") },
  },
  "The log line says what: a text that was set aside, a model that cannot be read, an instance that does not start, or too little memory.",
);

/** The next push may mend it: until then availability and prices grow old. */
const failedPush = faults(
  "Steamer: a push of the catalogue has failed",
  {
    displayName: "push failed",
    filter: 'jsonPayload.event="catalogue pushed"',
    labels: fields("shop"),
  },
  "Customers get availability and prices of the last push, or of the night. The log line of the function push-catalogue says why, and what to do next.",
);

/** The policies of every deployment, and those of its optional parts. */
export const POLICIES = {
  nights: [oldModel, failedNight, fallenQuality],
  personal: [failingLists, waitingLists, faultyPersonalizer],
  reviews: [waitingReviews, faultyReviews],
  pushes: [failedPush],
};
