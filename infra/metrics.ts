/** Metrics of Cloud Monitoring that are made of the functions' log lines. */
export const RUNS_ON = 'resource.type="cloud_run_revision"';
const MODEL_AGE = "steamer_model_age";
const REVIEWS_AGE = "steamer_reviews_age";
/** An alarm's limit is the bound of a bucket: a percentile is exact there. */
export const LATE_SECONDS = 600;

/** What is measured: an age that the lines of an event say, by shop. */
interface Age {
  name: string;
  event: string;
  field: string;
  unit: string;
  what: string;
  bucketOptions: object;
}

const distribution = ({ name, event, field, unit, what, bucketOptions }: Age) => ({
  name,
  filter: `${RUNS_ON} AND jsonPayload.event="${event}"`,
  valueExtractor: `EXTRACT(jsonPayload.${field})`,
  labelExtractors: { shop: "EXTRACT(jsonPayload.shop)" },
  metricDescriptor: {
    metricKind: "DELTA",
    valueType: "DISTRIBUTION",
    unit,
    displayName: `Steamer: age of ${what}`,
    labels: [{ key: "shop", valueType: "STRING", description: "the shop" }],
  },
  bucketOptions,
});

/** The metric of every deployment, and that of reviews. */
export const METRICS = {
  /** From start-run's log, one line a shop and hour. */
  nights: distribution({
    name: MODEL_AGE,
    event: "model age",
    field: "ageHours",
    unit: "h",
    what: "the model",
    // One bucket for each hour.
    bucketOptions: { linearBuckets: { numFiniteBuckets: 96, width: 1, offset: 0 } },
  }),
  /** From score-review's log, one line a shop and minute. */
  reviews: distribution({
    name: REVIEWS_AGE,
    event: "reviews waiting",
    field: "ageSeconds",
    unit: "s",
    what: "the oldest review without a score",
    bucketOptions: { explicitBuckets: { bounds: [60, 180, LATE_SECONDS, 1800, 3600, 14_400, 86_400] } },
  }),
};

/** The highest age of each shop, as a policy asks for it. */
const highest = (metric: string, alignmentPeriod: string) => ({
  filter: `metric.type="logging.googleapis.com/user/${metric}" AND ${RUNS_ON}`,
  aggregations: [
    {
      alignmentPeriod,
      perSeriesAligner: "ALIGN_PERCENTILE_99",
      crossSeriesReducer: "REDUCE_MAX",
      groupByFields: ["metric.label.shop"],
    },
  ],
});

export const MODELS_AGE = highest(MODEL_AGE, "3600s");
export const WAITING_AGE = highest(REVIEWS_AGE, "300s");
