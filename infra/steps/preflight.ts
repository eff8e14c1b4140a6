import { fillsDatastore } from "../../contracts/settings/cloud.ts";
import { chooseTableColumns, type TableShape } from "../../contracts/event-table.ts";
import { Problem } from "../../contracts/problem.ts";
import type { Cloud } from "../cloud.ts";
import { together } from "../command-line.ts";
import { isWithin } from "../deployment.ts";
import { checkServed } from "../served-shops.ts";

const service = (name: string) => `${name}.googleapis.com`;
/**
 * The Google Cloud services of a deployment. The first ones tell if there is billing, which the
 * others need.
 */
const FREE = ["cloudbilling", "cloudresourcemanager", "serviceusage"].map(service);
const SERVICES = [
  "artifactregistry",
  "bigquery",
  "cloudbuild",
  "cloudfunctions",
  "cloudscheduler",
  "cloudtasks",
  "compute",
  "dataflow",
  "dataproc",
  "datastore",
  "firestore",
  "iam",
  "iamcredentials",
  "logging",
  "monitoring",
  "run",
  "secretmanager",
  "storage",
].map(service);

/**
 * Turns on the services that are off, and checks everything that a night would find out too late.
 * @throws Problem for the first thing that does not fit.
 */
export async function preflight(cloud: Cloud): Promise<void> {
  const { gcloud } = cloud;
  const enabled = await gcloud.list<{ config: { name: string } }>("services", "list", "--enabled");
  const enable = async (names: string[]) => {
    const missing = names.filter((name) => !enabled.some(({ config }) => config.name === name));
    if (missing.length > 0) await gcloud.change("services", "enable", ...missing);
  };
  await enable(FREE);
  await checkBilling(cloud);
  await enable(SERVICES);
  await together([checkEvents(cloud), checkQuota(cloud), checkSubnetwork(cloud), checkServed(cloud)]);
}

async function checkBilling({ gcloud, steamer, journal }: Cloud): Promise<void> {
  const billing = await gcloud.readJson<{ billingEnabled?: boolean }>(
    "billing",
    "projects",
    "describe",
    steamer.project,
  );
  if (billing?.billingEnabled || (!billing && journal.dryRun)) return;
  const next = `link a billing account: gcloud billing projects link ${steamer.project} --billing-account=<id>`;
  throw refuse(
    `project ${steamer.project}`,
    billing ? "it has no billing" : "there is no such project",
    next,
  );
}

async function checkEvents(cloud: Cloud): Promise<void> {
  await checkDataset(cloud);
  await checkEventTable(cloud);
}

async function checkDataset({ bq, steamer, journal }: Cloud): Promise<void> {
  const { dataset, location } = steamer;
  const text = await bq.read("show", "--dataset", bigQueryName(dataset));
  if (text === null && journal.isBlind) return;
  if (text === null) {
    const next = "link Google Analytics to BigQuery (Admin, BigQuery links), or correct steamer.dataset";
    throw refuse(`dataset ${dataset}`, "it is not there", next);
  }
  const { location: actual } = JSON.parse(text) as { location: string };
  if (actual.toLowerCase() === location.toLowerCase()) return;
  const next = `set steamer.location to ${actual}, and steamer.region to a region there`;
  throw refuse(`dataset ${dataset}`, `it lies in ${actual}, not in ${location}`, next);
}

/** @throws Problem when the shop's own table is not there, or its columns do not fit. */
async function checkEventTable({ bq, steamer, journal }: Cloud): Promise<void> {
  const { dataset, eventTable } = steamer;
  if (eventTable === undefined) return;
  const text = await bq.read("show", `${bigQueryName(dataset)}.${eventTable}`);
  if (text === null && journal.isBlind) return;
  if (text === null) {
    const next = "make it, or correct steamer.eventTable; without it GA4's daily tables are read";
    throw refuse(`table ${dataset}.${eventTable}`, "it is not there", next);
  }
  chooseTableColumns(`${dataset}.${eventTable}`, JSON.parse(text) as TableShape, steamer);
}

/** Settings write `project.dataset`; bq writes `project:dataset`. */
export const bigQueryName = (dataset: string) => dataset.replace(".", ":");

interface Region {
  quotas: { metric: string; limit: number; usage: number }[];
}

/**
 * The quota must hold the cluster (one master and its workers), and the load job's workers. They
 * run one after the other.
 */
async function checkQuota({ gcloud, steamer }: Cloud): Promise<void> {
  const needs = new Map<string, number>();
  const need = (machine: string, count: number) => {
    const metric = cpuMetric(machine);
    needs.set(metric, Math.max(needs.get(metric) ?? 0, count * cpusOf(machine)));
  };
  if (steamer.engine === "dataproc") {
    need(steamer.clusterMachine, 1 + steamer.clusterWorkers + steamer.clusterSpotWorkers);
  }
  // Load and clean-up run at the same time, each with a launcher.
  if (fillsDatastore(steamer)) need(steamer.loadMachine, 2 * (steamer.loadWorkers + 1));
  if (needs.size === 0) return;
  const region = await gcloud.readJson<Region>("compute", "regions", "describe", steamer.region);
  for (const [metric, cpus] of needs) {
    const quota = region?.quotas.find((each) => each.metric === metric);
    if (!quota || quota.limit - quota.usage >= cpus) continue;
    const why = `${metric} has ${quota.limit - quota.usage} of ${quota.limit} left, a night needs ${cpus}`;
    const next = "ask for more (IAM & Admin, Quotas), or choose smaller machines or fewer workers";
    throw refuse(`quota of ${steamer.region}`, why, next);
  }
}

/** `n2-standard-4` has 4 virtual CPUs, counted as N2_CPUS; the oldest families share CPUS. */
const cpusOf = (machine: string) => Number(/-(\d+)$/.exec(machine)?.[1] ?? 1);
function cpuMetric(machine: string): string {
  const family = machine.split("-")[0];
  return ["n1", "e2", "f1", "g1"].includes(family) ? "CPUS" : `${family.toUpperCase()}_CPUS`;
}

/**
 * Clusters and jobs have no external addresses: without private access they reach neither buckets
 * nor Datastore.
 */
async function checkSubnetwork({ gcloud, steamer, journal }: Cloud): Promise<void> {
  const { engine, subnetwork, region } = steamer;
  if (engine !== "dataproc" && !fillsDatastore(steamer)) return;
  const name = subnetwork ?? "default";
  const subnet = await gcloud.readJson<{ privateIpGoogleAccess?: boolean }>(
    "compute",
    "networks",
    "subnets",
    "describe",
    name,
    ...(name.includes("/") ? [] : [`--region=${region}`]),
  );
  if (subnet?.privateIpGoogleAccess || (!subnet && journal.dryRun)) return;
  const why = subnet ? "it has no private Google access" : "it is not there";
  const next = subnet
    ? `gcloud compute networks subnets update ${name} --region=${region} --enable-private-ip-google-access`
    : "name one of the project's subnetworks: steamer.subnetwork";
  throw refuse(`subnetwork ${name}`, why, next);
}

/** A bucket may lie in the dataset's location, or in a region of it. */
export function checkBucketLocation(bucket: string, actual: string, location: string): void {
  const agree = actual.toLowerCase() === location.toLowerCase() || isWithin(actual.toLowerCase(), location);
  if (agree) return;
  const why = `it lies in ${actual}, the dataset in ${location}: BigQuery cannot export there`;
  throw refuse(`bucket ${bucket}`, why, "name another bucket; the deployment makes it where it belongs");
}

const refuse = (what: string, why: string, next: string) =>
  new Problem({ doing: `Checking ${what}`, why, next });
