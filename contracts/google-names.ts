import { STAGES } from "./manifest.ts";

/**
 * The service accounts and their purposes. Each function and each job has one, `steamer-<role>`.
 */
export const ACCOUNTS = {
  "start-run": "starts a shop's night",
  export: "stage export: BigQuery to Parquet",
  similarity: "stage similarity: clusters and queries",
  load: "stage load: the snapshot, and the job that fills Datastore",
  publish: "stage publish: the only one that changes what customers see",
  runs: "backfill, rerun, cancel, status",
  tasks: "whose token Cloud Tasks brings to the stages",
  scheduler: "whose token Cloud Scheduler brings to start-run and push-catalogue",
  dataproc: "machines of the similarity job",
  dataflow: "machines of the load job",
  recommender: "the recommender",
  personalizer: "the Personalizer",
  personalize: "computes users' lists: asks the Personalizer",
  "personal-tasks": "whose token Cloud Tasks brings to personalize",
  "score-review": "scores reviews: asks the inference service",
  inference: "the inference service",
  "push-catalogue": "refreshes availability and prices between nights",
  "review-tasks": "whose token Cloud Tasks and Cloud Scheduler bring to score-review",
  notebook: "machine of the notebook, while there is one",
  build: "builds images and functions",
  deployer: "runs infra/deploy from Cloud Build",
} as const;
export type Account = keyof typeof ACCOUNTS;

/** The Cloud Functions, named after their accounts and entry points. */
export const FUNCTIONS = ["start-run", ...STAGES, "runs"] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

/** The Cloud Function that computes users' lists, named after its account and entry point. */
export const PERSONALIZE = "personalize";

/** The Cloud Tasks queue of nights, in the shop's project and region. */
export const QUEUE = "steamer";
/** The Cloud Tasks queue of users' lists that are to be computed, of all shops. */
export const PERSONAL_QUEUE = "steamer-personal";
/**
 * The database of users' lists, in Datastore mode. It is apart from the default one, so that the
 * right to write lists, bound to it, reaches no item.
 */
export const LISTS_DATABASE = "steamer-lists";
/** The Cloud Function that scores reviews, named after its account and entry point. */
export const SCORE_REVIEW = "score-review";
/** The Cloud Function that pushes the shop's catalogue, named after its account and entry point. */
export const PUSH_CATALOGUE = "push-catalogue";
/** The functions of a deployment's optional parts. */
export const OPTIONAL_FUNCTIONS = [PERSONALIZE, SCORE_REVIEW, PUSH_CATALOGUE] as const;
/** The Cloud Tasks queue of reviews that are to be scored, of all shops. */
export const REVIEW_QUEUE = "steamer-reviews";
/** The database of reviews, in Datastore mode, apart from others for the same reason. */
export const REVIEWS_DATABASE = "steamer-reviews";
/**
 * The BigQuery dataset for the temporary tables of engine bigquery. It lies in the shop's project,
 * in the location of the GA4 export.
 */
export const SCRATCH_DATASET = "steamer";

/** Dataproc's image, GA to 2027-06: Spark 3.5.3, Python 3.11. */
export const CLUSTER_IMAGE = "2.3-debian12";

export const accountEmail = (account: Account, project: string) =>
  `steamer-${account}@${project}.iam.gserviceaccount.com`;

/** Where functions answer: the setting functionsUrl, or the default address of a project's. */
interface FunctionsPlace {
  functionsUrl?: string | undefined;
  region: string;
  project: string;
}

/** The address of a function, which is the audience of its tokens too. */
export const functionAddress = ({ functionsUrl, region, project }: FunctionsPlace, name: string): string =>
  `${functionsUrl ?? `https://${region}-${project}.cloudfunctions.net`}/${name}`;
