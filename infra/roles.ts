import { fillsDatastore } from "../contracts/settings/cloud.ts";
import { cloudFeed } from "../contracts/catalogue.ts";
import {
  FUNCTIONS,
  LISTS_DATABASE,
  PERSONALIZE,
  PUSH_CATALOGUE,
  REVIEWS_DATABASE,
  SCORE_REVIEW,
  type Account,
} from "../contracts/google-names.ts";
import {
  ALL_BUT_RULES,
  FUNCTION_SOURCES,
  SETTINGS_FILES,
  STOCK_POINTERS,
  onlyData,
  onlyDatabase,
  onlyLanguageModels,
  onlyStockFiles,
  outsideJobs,
  type Condition,
} from "./conditions.ts";
import type { Deployment } from "./deployment.ts";
import { hasPersonalizer, hasPushes, hasReviews } from "./serving.ts";

/** A role of one account. README.md has a table of all roles; a test keeps the two equal. */
export interface Grant {
  to: Account;
  role: string;
  when?: Condition;
}

export interface Roles {
  project: Grant[];
  dataBucket: Grant[];
  pointerBucket: Grant[];
  queue: Grant[];
  personalQueue: Grant[];
  reviewQueue: Grant[];
  repository: Grant[];
  dataset: Grant[];
  /** The table or view that is the shop's catalogue. */
  catalogueTable: Grant[];
  scratchDataset: Grant[];
  attributionDataset: Grant[];
  tokenKey: Grant[];
  /** By account: the accounts that may act as it. */
  accounts: Partial<Record<Account, Account[]>>;
  /** By function or service: the accounts whose tokens may call it. */
  invokers: Record<keyof typeof INVOKERS, readonly Account[]>;
}

/**
 * The rights of every account, on each resource that has a policy of its own. Roles stand under
 * `project` only where they cannot be bound lower.
 */
export function rolesOf(deployment: Deployment, parts = partsOf(deployment)): Roles {
  const { dataBucket } = deployment;
  const readers: Account[] = parts.personal ? ["personalizer", PERSONALIZE] : [];
  if (parts.reviews) readers.push(SCORE_REVIEW);
  if (parts.pushes) readers.push(PUSH_CATALOGUE);
  return {
    project: onProject(parts, deployment),
    dataBucket: onDataBucket(parts, dataBucket),
    pointerBucket: [
      ...grant(["publish"], "roles/storage.objectUser", ALL_BUT_RULES),
      ...(parts.pushes ? grant([PUSH_CATALOGUE], "roles/storage.objectUser", STOCK_POINTERS) : []),
      ...grant([...FUNCTIONS, "recommender", ...readers, "deployer"], "roles/storage.objectViewer"),
      ...grant(["deployer"], "roles/storage.objectUser", SETTINGS_FILES),
    ],
    queue: grant(FUNCTIONS, "roles/cloudtasks.enqueuer"),
    personalQueue: parts.personal
      ? ["roles/cloudtasks.enqueuer", "roles/cloudtasks.viewer"].flatMap((role) =>
          grant(["recommender"], role),
        )
      : [],
    reviewQueue: parts.reviews ? grant(["recommender"], "roles/cloudtasks.enqueuer") : [],
    repository: onRepository(parts),
    dataset: [
      ...grant(["export"], "roles/bigquery.dataViewer"),
      ...grant(["start-run", "runs", "deployer"], "roles/bigquery.metadataViewer"),
      ...(parts.eventTable ? grant(["start-run"], "roles/bigquery.dataViewer") : []),
    ],
    catalogueTable: parts.catalogueTable
      ? [
          ...grant(readersOfTable(parts), "roles/bigquery.dataViewer"),
          ...grant(["deployer"], "roles/bigquery.metadataViewer"),
        ]
      : [],
    scratchDataset: parts.bigQuery ? onScratchDataset() : [],
    attributionDataset: grant(["deployer"], "roles/bigquery.metadataViewer"),
    tokenKey: [
      ...grant(["recommender"], "roles/secretmanager.secretAccessor"),
      ...grant(["deployer"], "roles/secretmanager.viewer"),
    ],
    accounts: actors(parts),
    invokers: INVOKERS,
  };
}

/** The optional parts of a deployment, chosen by a shop's settings. */
interface Parts {
  /** Spark computes the neighbours. */
  dataproc: boolean;
  /** One query computes the neighbours. */
  bigQuery: boolean;
  /** Beam loads them into Datastore. */
  dataflow: boolean;
  /** The recommender answers from Datastore. */
  datastore: boolean;
  /** Users have lists of their own. */
  personal: boolean;
  /** Events lie in a table of the shop's own: only a query tells which days it has. */
  eventTable: boolean;
  /** The shop's catalogue is a table. */
  catalogueTable: boolean;
  /** It is pushed between nights, too. */
  pushes: boolean;
  /** Users write reviews. */
  reviews: boolean;
}

const partsOf = (deployment: Deployment): Parts => ({
  dataproc: deployment.steamer.engine === "dataproc",
  bigQuery: deployment.steamer.engine === "bigquery",
  dataflow: fillsDatastore(deployment.steamer),
  datastore: deployment.steamer.store === "datastore",
  personal: hasPersonalizer(deployment),
  eventTable: deployment.steamer.eventTable !== undefined,
  catalogueTable: cloudFeed(deployment.steamer.catalogue ?? "")?.kind === "table",
  pushes: hasPushes(deployment),
  reviews: hasReviews(deployment),
});

const ALL_PARTS: Parts = {
  dataproc: true,
  bigQuery: true,
  dataflow: true,
  datastore: true,
  personal: true,
  eventTable: true,
  catalogueTable: true,
  pushes: true,
  reviews: true,
};

/** The rights that some shop of the project may need: they share accounts. */
export const rolesOfAnyShop = (deployment: Deployment): Roles => rolesOf(deployment, ALL_PARTS);

const grant = (accounts: readonly Account[], role: string, when?: Condition): Grant[] =>
  accounts.map((to) => (when ? { to, role, when } : { to, role }));

function onProject(parts: Parts, { steamer, dataBucket }: Deployment): Grant[] {
  const data = onlyData(dataBucket);
  const lists = onlyDatabase(steamer.project, LISTS_DATABASE);
  const reviews = onlyDatabase(steamer.project, REVIEWS_DATABASE);
  const neighbours = onlyDatabase(steamer.project, "(default)");
  return [
    ...grant(["export"], "roles/bigquery.jobUser"),
    ...(parts.eventTable ? grant(["start-run"], "roles/bigquery.jobUser") : []),
    ...(parts.catalogueTable ? grant(readersOfTable(parts), "roles/bigquery.jobUser") : []),
    ...(parts.reviews ? grant(["export"], "roles/datastore.viewer", reviews) : []),
    ...(parts.bigQuery ? grant(["similarity"], "roles/bigquery.jobUser") : []),
    ...(parts.dataproc ? grant(["similarity"], "roles/dataproc.editor") : []),
    ...(parts.dataproc ? grant(["dataproc"], "roles/dataproc.worker", data) : []),
    ...(parts.dataflow ? grant(["dataflow"], "roles/dataflow.worker", data) : []),
    ...(parts.dataflow ? grant(["dataflow"], "roles/datastore.user", neighbours) : []),
    ...(parts.dataflow ? grant(["load"], "roles/dataflow.developer") : []),
    ...(parts.datastore ? grant(["recommender"], "roles/datastore.viewer", neighbours) : []),
    ...(parts.personal ? grant(["load", "recommender", PERSONALIZE], "roles/datastore.user", lists) : []),
    ...(parts.reviews ? grant(["recommender", SCORE_REVIEW], "roles/datastore.user", reviews) : []),
    ...grant(["build"], "roles/logging.logWriter"),
    ...grant(["build"], "roles/storage.objectViewer", FUNCTION_SOURCES),
    ...DEPLOYER.flatMap((role) => grant(["deployer"], role)),
  ];
}

const readersOfTable = ({ pushes }: Parts): Account[] => (pushes ? ["load", PUSH_CATALOGUE] : ["load"]);

function onDataBucket(parts: Parts, dataBucket: string): Grant[] {
  const workers: Account[] = [];
  if (parts.dataproc) workers.push("dataproc");
  if (parts.dataflow) workers.push("dataflow");
  const readers: Account[] = ["load", "recommender", "build", ...workers];
  if (parts.personal) readers.push("personalizer");
  if (parts.pushes) readers.push(PUSH_CATALOGUE);
  return [
    ...grant([...FUNCTIONS, ...workers], "roles/storage.objectUser", outsideJobs(dataBucket)),
    ...grant(readers, "roles/storage.objectViewer"),
    ...(parts.pushes ? grant([PUSH_CATALOGUE], "roles/storage.objectUser", onlyStockFiles(dataBucket)) : []),
    ...(parts.reviews
      ? grant(["inference"], "roles/storage.objectViewer", onlyLanguageModels(dataBucket))
      : []),
    ...grant(["deployer"], "roles/storage.objectUser"),
  ];
}

function onRepository(parts: Parts): Grant[] {
  const readers: Account[] = parts.dataflow ? ["dataflow", "deployer"] : ["deployer"];
  return [
    ...grant(["build"], "roles/artifactregistry.writer"),
    ...grant(readers, "roles/artifactregistry.reader"),
  ];
}

const onScratchDataset = (): Grant[] => [
  ...grant(["similarity"], "roles/bigquery.dataEditor"),
  ...grant(["deployer"], "roles/bigquery.metadataViewer"),
];

function actors(parts: Parts): Roles["accounts"] {
  const accounts: Roles["accounts"] = { tasks: [...FUNCTIONS] };
  if (parts.dataproc) accounts.dataproc = ["similarity"];
  if (parts.dataflow) accounts.dataflow = ["load"];
  if (parts.personal) accounts["personal-tasks"] = ["recommender"];
  if (parts.reviews) accounts["review-tasks"] = ["recommender"];
  for (const account of ATTACHED) accounts[account] = [...(accounts[account] ?? []), "deployer"];
  return accounts;
}

const INVOKERS = {
  "start-run": ["scheduler"],
  export: ["tasks"],
  similarity: ["tasks"],
  load: ["tasks"],
  publish: ["tasks"],
  runs: [],
  [PERSONALIZE]: ["personal-tasks"],
  personalizer: [PERSONALIZE],
  [SCORE_REVIEW]: ["review-tasks"],
  inference: [SCORE_REVIEW],
  [PUSH_CATALOGUE]: ["scheduler"],
} as const;

/**
 * Accounts that a deployment attaches to a resource: the deployer must be allowed to act as them.
 */
const ATTACHED = [
  ...FUNCTIONS,
  "scheduler",
  "recommender",
  "personalizer",
  PERSONALIZE,
  "inference",
  SCORE_REVIEW,
  "review-tasks",
  PUSH_CATALOGUE,
  "build",
] as const;

/**
 * The deployer reads every policy, but changes only those of functions and services. The role that
 * reads policies also lists databases and their fields, and shows nothing that is in them.
 */
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
  "roles/browser",
  "roles/iam.securityReviewer",
  "roles/serviceusage.serviceUsageConsumer",
  "roles/logging.logWriter",
];
