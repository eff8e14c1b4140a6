/** What is measured, and when somebody is told: metrics and alarm policies of Cloud Monitoring. */
import { PERSONAL_QUEUE } from "../contracts/google-names.ts";
import { personalizerName } from "./names.ts";

export const MODEL_AGE = "steamer_model_age";
const RUNS_ON = 'resource.type="cloud_run_revision"';
const HOUR = "3600s";
/** The longest silence that a policy can ask for. */
const SILENCE = "84600s";

/** The model's age from start-run's log, one line a shop and hour, as a distribution of hours. */
export const metric = {
  name: MODEL_AGE,
  filter: `${RUNS_ON} AND jsonPayload.event="model age"`,
  valueExtractor: "EXTRACT(jsonPayload.ageHours)",
  labelExtractors: { shop: "EXTRACT(jsonPayload.shop)" },
  metricDescriptor: {
    metricKind: "DELTA",
    valueType: "DISTRIBUTION",
    unit: "h",
    displayName: "Steamer: age of the model",
    labels: [{ key: "shop", valueType: "STRING", description: "the shop" }],
  },
  // One bucket for each hour: a percentile is exact to the hour.
  bucketOptions: { linearBuckets: { numFiniteBuckets: 96, width: 1, offset: 0 } },
};

const age = {
  filter: `metric.type="logging.googleapis.com/user/${MODEL_AGE}" AND ${RUNS_ON}`,
  aggregations: [
    {
      alignmentPeriod: HOUR,
      perSeriesAligner: "ALIGN_PERCENTILE_99",
      crossSeriesReducer: "REDUCE_MAX",
      groupByFields: ["metric.label.shop"],
    },
  ],
};
const documentation = (content: string) => ({ content, mimeType: "text/markdown" });

/** An old model and a silent metric both mean that the nights fail. */
const oldModel = {
  displayName: "Steamer: a model is older than 36 hours",
  combiner: "OR",
  conditions: [
    {
      displayName: "older than 36 hours",
      conditionThreshold: {
        ...age,
        comparison: "COMPARISON_GT",
        thresholdValue: 36,
        duration: "0s",
        trigger: { count: 1 },
      },
    },
    {
      displayName: "no age for a day",
      conditionAbsent: { ...age, duration: SILENCE, trigger: { count: 1 } },
    },
  ],
  documentation: documentation(
    "Customers still get the old model. `steamer runs` shows the nights; docs/OPERATIONS.md says what to do.",
  ),
};

const failedNight = {
  displayName: "Steamer: a night has failed",
  combiner: "OR",
  conditions: [
    {
      displayName: "night failed",
      conditionMatchedLog: {
        filter: `${RUNS_ON} AND severity>=ERROR AND jsonPayload.event="night failed"`,
        labelExtractors: Object.fromEntries(
          ["shop", "run", "stage"].map((name) => [name, `EXTRACT(jsonPayload.${name})`]),
        ),
      },
    },
  ],
  alertStrategy: { notificationRateLimit: { period: HOUR }, autoClose: "86400s" },
  documentation: documentation(
    "The log line and the run's manifest say why, and what to do next. Customers still get the old model.",
  ),
};

const QUEUE = `resource.type="cloud_tasks_queue" AND resource.labels.queue_id="${PERSONAL_QUEUE}"`;
const ATTEMPTS = `metric.type="cloudtasks.googleapis.com/queue/task_attempt_count" AND ${QUEUE}`;
const PERIOD = "300s";
/** Longer than a Personalizer that starts, or swaps its model, takes. */
const LASTING = "900s";
const SLOW_MS = 60_000;
const rates = [{ alignmentPeriod: PERIOD, perSeriesAligner: "ALIGN_RATE", crossSeriesReducer: "REDUCE_SUM" }];
const AUTO_CLOSE = { autoClose: "86400s" };

/** A policy for what is above its threshold for long. */
const lasting = (name: string, condition: string, measured: object, content: string) => ({
  displayName: name,
  combiner: "OR",
  conditions: [
    {
      displayName: condition,
      conditionThreshold: {
        ...measured,
        comparison: "COMPARISON_GT",
        duration: LASTING,
        trigger: { count: 1 },
      },
    },
  ],
  alertStrategy: AUTO_CLOSE,
  documentation: documentation(content),
});

/** Cloud Run answers with 200 where gRPC fails, so the tasks tell, not the requests. */
const failingLists = lasting(
  "Steamer: users' lists fail",
  "more than half of the tasks fail",
  {
    filter: `${ATTEMPTS} AND metric.labels.response_code!="ok"`,
    aggregations: rates,
    denominatorFilter: ATTEMPTS,
    denominatorAggregations: rates,
    thresholdValue: 0.5,
  },
  "Customers get similar or popular items. The log of the function personalize says why; docs/OPERATIONS.md says what to do.",
);

const waitingLists = lasting(
  "Steamer: users' lists come late",
  "half of the tasks wait for more than a minute",
  {
    filter: `metric.type="cloudtasks.googleapis.com/queue/task_attempt_delays" AND ${QUEUE}`,
    aggregations: [
      {
        alignmentPeriod: PERIOD,
        perSeriesAligner: "ALIGN_DELTA",
        crossSeriesReducer: "REDUCE_PERCENTILE_50",
      },
    ],
    thresholdValue: SLOW_MS,
  },
  "More users come than lists can be computed for. Customers get similar or popular items meanwhile.",
);

/**
 * What no further attempt mends, and what Cloud Run says of the Personalizer: no start, no answer
 * to a probe, no memory.
 */
const faultyPersonalizer = {
  displayName: "Steamer: a Personalizer has a fault",
  combiner: "OR",
  conditions: [
    {
      displayName: "its log has an error, or that of a user's list",
      conditionMatchedLog: {
        filter: `${RUNS_ON} AND severity>=ERROR AND (resource.labels.service_name:"${personalizerName("")}" OR jsonPayload.event="personal list")`,
        labelExtractors: { service: "EXTRACT(resource.labels.service_name)" },
      },
    },
  ],
  alertStrategy: { notificationRateLimit: { period: HOUR }, ...AUTO_CLOSE },
  documentation: documentation(
    "The log line says what: a model that cannot be read, an instance that does not start, too little memory, or a call that was refused.",
  ),
};

/** The policies of every deployment, and those where users have lists of their own. */
export const POLICIES = {
  nights: [oldModel, failedNight],
  personal: [failingLists, waitingLists, faultyPersonalizer],
};
