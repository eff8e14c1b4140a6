import type { Deployment } from "./deployment.ts";
import { FUNCTIONS, type Account } from "../contracts/google-names.ts";
import { jobFiles, POINTER_FILES } from "../contracts/layout.ts";

/** Who may do what. README.md has this table for people; a test holds the two together. */
export interface Grant {
  to: Account;
  role: string;
  /** Common Expression Language: for which objects the grant holds. */
  when?: { title: string; expression: string };
}

export interface Roles {
  project: Grant[];
  dataBucket: Grant[];
  pointerBucket: Grant[];
  queue: Grant[];
  repository: Grant[];
  dataset: Grant[];
  scratchDataset: Grant[];
  attributionDataset: Grant[];
  tokenKey: Grant[];
  /** By account: who may act as it. */
  accounts: Partial<Record<Account, Account[]>>;
  /** By function: whose token opens it. */
  invokers: Record<(typeof FUNCTIONS)[number], Account[]>;
}

/** Bind on the resource wherever it has a policy of its own; what stands under `project` cannot be bound lower. */
export function rolesOf({ steamer, dataBucket }: Deployment): Roles {
  const usesDataproc = steamer.engine === "dataproc";
  const usesBigQuery = steamer.engine === "bigquery";
  const usesDatastore = steamer.stores === "both";
  const each = (accounts: readonly Account[], role: string, when?: Grant["when"]): Grant[] =>
    accounts.map((to) => ({ to, role, ...(when ? { when } : {}) }));
  const notJobs = outsideJobs(dataBucket);
  const workers = [
    ...(usesDataproc ? ["dataproc"] : []),
    ...(usesDatastore ? ["dataflow"] : []),
  ] as Account[];
  return {
    project: [
      ...each(["export"], "roles/bigquery.jobUser"),
      ...(usesBigQuery ? each(["similarity"], "roles/bigquery.jobUser") : []),
      ...(usesDataproc ? each(["similarity"], "roles/dataproc.editor") : []),
      // These two roles bring access to every bucket of the project: the conditions take it back.
      ...(usesDataproc ? each(["dataproc"], "roles/dataproc.worker", onlyData(dataBucket)) : []),
      ...(usesDatastore ? each(["dataflow"], "roles/dataflow.worker", onlyData(dataBucket)) : []),
      ...(usesDatastore ? each(["dataflow"], "roles/datastore.user") : []),
      ...(usesDatastore ? each(["load"], "roles/dataflow.developer") : []),
      ...(steamer.store === "datastore" ? each(["recommender"], "roles/datastore.viewer") : []),
      ...each(["build"], "roles/logging.logWriter"),
      ...each(["build"], "roles/storage.objectViewer", FUNCTION_SOURCES),
      ...DEPLOYER.map((role): Grant => ({ to: "deployer", role })),
    ],
    dataBucket: [
      ...each([...FUNCTIONS, ...workers], "roles/storage.objectUser", notJobs),
      ...each(["load", "recommender", "build", ...workers], "roles/storage.objectViewer"),
      ...each(["deployer"], "roles/storage.objectUser"),
    ],
    pointerBucket: [
      ...each(["publish"], "roles/storage.objectUser", ALL_BUT_RULES),
      ...each([...FUNCTIONS, "recommender", "deployer"], "roles/storage.objectViewer"),
      ...each(["deployer"], "roles/storage.objectUser", SETTINGS_FILES),
    ],
    queue: each(FUNCTIONS, "roles/cloudtasks.enqueuer"),
    repository: [
      ...each(["build"], "roles/artifactregistry.writer"),
      ...each(
        [...(usesDatastore ? (["dataflow"] as const) : []), "deployer"],
        "roles/artifactregistry.reader",
      ),
    ],
    dataset: [
      ...each(["export"], "roles/bigquery.dataViewer"),
      ...each(["start-run", "runs", "deployer"], "roles/bigquery.metadataViewer"),
    ],
    scratchDataset: usesBigQuery
      ? [
          ...each(["similarity"], "roles/bigquery.dataEditor"),
          ...each(["deployer"], "roles/bigquery.metadataViewer"),
        ]
      : [],
    attributionDataset: each(["deployer"], "roles/bigquery.metadataViewer"),
    tokenKey: [
      ...each(["recommender"], "roles/secretmanager.secretAccessor"),
      ...each(["deployer"], "roles/secretmanager.viewer"),
    ],
    accounts: {
      tasks: [...FUNCTIONS],
      ...(usesDataproc ? { dataproc: ["similarity"] as Account[] } : {}),
      ...(usesDatastore ? { dataflow: ["load"] as Account[] } : {}),
      ...Object.fromEntries(ATTACHED.map((account) => [account, ["deployer"]])),
    },
    invokers: {
      "start-run": ["scheduler"],
      export: ["tasks"],
      similarity: ["tasks"],
      load: ["tasks"],
      publish: ["tasks"],
      runs: [],
    },
  };
}

/** Accounts that a deployment attaches to something: who deploys must be allowed to act as them. */
const ATTACHED = [...FUNCTIONS, "scheduler", "recommender", "build"] as const;

/** The deployer reads every policy, and changes none but those of functions and services. */
const DEPLOYER = [
  "roles/cloudbuild.builds.editor",
  "roles/cloudfunctions.developer",
  "roles/run.admin",
  "roles/cloudscheduler.admin",
  "roles/cloudtasks.viewer",
  "roles/logging.configWriter",
  "roles/monitoring.alertPolicyEditor",
  "roles/monitoring.notificationChannelEditor",
  "roles/bigquery.jobUser",
  "roles/compute.viewer",
  "roles/datastore.viewer",
  "roles/browser",
  "roles/iam.securityReviewer",
  "roles/serviceusage.serviceUsageConsumer",
  "roles/logging.logWriter",
];

const objects = (bucket: string, prefix = "") => `projects/_/buckets/${bucket}/objects/${prefix}`;

/** A job that could write what the next job executes would be that job. */
function outsideJobs(bucket: string): NonNullable<Grant["when"]> {
  const expression = `!resource.name.startsWith("${objects(bucket, jobFiles.folder)}")`;
  return { title: "all but the code of jobs", expression };
}

function onlyData(bucket: string): NonNullable<Grant["when"]> {
  const inside = `resource.name == "projects/_/buckets/${bucket}" || resource.name.startsWith("${objects(bucket)}")`;
  const expression = `resource.service != "storage.googleapis.com" || ((${inside}) && ${outsideJobs(bucket).expression})`;
  return { title: "of the buckets only data", expression };
}

const FUNCTION_SOURCES = {
  title: "sources of functions",
  expression: 'resource.name.startsWith("projects/_/buckets/gcf-v2-")',
};
const SETTINGS_FILES = {
  title: "settings of shops",
  expression: `resource.name.endsWith("/${POINTER_FILES.settings}")`,
};
/** What people decide: no night gives a key, or changes what the next one does. */
const ALL_BUT_RULES = {
  title: "all but keys and settings",
  expression: `!resource.name.endsWith("/${POINTER_FILES.keys}") && !resource.name.endsWith("/${POINTER_FILES.settings}")`,
};
