import { STAGES } from "./manifest.ts";

/** The service accounts, `steamer-<role>`: one a function and job, and what each is for. */
export const ACCOUNTS = {
  "start-run": "starts a shop's night",
  export: "stage export: BigQuery to Parquet",
  similarity: "stage similarity: clusters and queries",
  load: "stage load: the snapshot, and the job that fills Datastore",
  publish: "stage publish: the only one that changes what customers see",
  runs: "backfill, rerun, cancel, status",
  tasks: "whose token Cloud Tasks brings to the stages",
  scheduler: "whose token Cloud Scheduler brings to start-run",
  dataproc: "machines of the similarity job",
  dataflow: "machines of the load job",
  recommender: "the recommender",
  build: "builds images and functions",
  deployer: "runs infra/deploy from Cloud Build",
} as const;
export type Account = keyof typeof ACCOUNTS;

/** The functions, by the names of their accounts and entry points. */
export const FUNCTIONS = ["start-run", ...STAGES, "runs"] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

/** The queue of Cloud Tasks, in the project and region of the shop. */
export const QUEUE = "steamer";
/** BigQuery dataset of the tables that engine bigquery makes for one run: in the project, where the GA4 export lies. */
export const SCRATCH_DATASET = "steamer";

export const accountEmail = (account: Account, project: string) =>
  `steamer-${account}@${project}.iam.gserviceaccount.com`;

/** Where the functions of a project answer, unless the setting functionsUrl says otherwise. */
export const functionsUrl = (region: string, project: string) =>
  `https://${region}-${project}.cloudfunctions.net`;
