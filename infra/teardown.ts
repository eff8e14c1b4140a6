/**
 * infra/teardown <settings file> [--delete-data] [--dry-run]: removes a shop, and with the last
 * shop the resources that all shared.
 */
import type { Cloud } from "./cloud.ts";
import type { Tool } from "./command-line.ts";
import { main } from "./program.ts";
import {
  ACCOUNTS,
  LISTS_DATABASE,
  PERSONAL_QUEUE,
  QUEUE,
  REVIEW_QUEUE,
  REVIEWS_DATABASE,
  SCRATCH_DATASET,
  type Account,
} from "../contracts/google-names.ts";
import { paths } from "../contracts/layout.ts";
import { Problem } from "../contracts/problem.ts";
import {
  REPOSITORY,
  attributionDataset,
  catalogueJobName,
  inferenceName,
  jobName,
  notebookBucket,
  operatorName,
  personalizerName,
  recommenderName,
  reviewsJobName,
  sinkName,
  tokenKeyName,
} from "./names.ts";
import { down } from "./notebook.ts";
import { servedShops } from "./served-shops.ts";
import { findFunctions, isOurs } from "./steps/functions.ts";
import { unbind } from "./steps/bindings.ts";
import { findServices } from "./steps/services.ts";
import { METRICS } from "./metrics.ts";
import { POLICIES } from "./policies.ts";
import { CHANNELS, findPolicies } from "./steps/alarms.ts";
import { DATASTORE, LISTS, REVIEWS } from "../contracts/datastore.ts";

/**
 * Models, runs and pointers stay, unless `deleteData` is set. Missing resources are passed over.
 */
export async function teardown(cloud: Cloud, { deleteData = false } = {}): Promise<void> {
  const { steamer, dataBucket, pointerBucket } = cloud;
  const { shop } = steamer;
  const others = await removeShop(cloud);
  if (!others) await removeShared(cloud);
  if (!deleteData) return;
  await deleteDataset(cloud, attributionDataset(shop));
  await deleteEntities(cloud, others);
  for (const bucket of [dataBucket, pointerBucket])
    await deleteObjects(cloud, bucket, others ? paths.shop(shop) : "");
  if (!others) await deleteObjects(cloud, notebookBucket(dataBucket), "");
}

/**
 * Removes all but the data of one shop; returns true when other shops remain.
 * @throws Problem when its recommender serves one of them.
 */
async function removeShop(cloud: Cloud): Promise<boolean> {
  const { gcloud, steamer } = cloud;
  const { shop, region } = steamer;
  const at = `--region=${region}`;
  const place = `--location=${region}`;
  const jobs = await gcloud.list<{ name: string }>("scheduler", "jobs", "list", place);
  const served = servedShops(steamer).find((other) => other !== shop && has(jobs, jobName(other)));
  if (served !== undefined) throw isServed(shop, served);
  for (const name of [jobName(shop), reviewsJobName(shop), catalogueJobName(shop)])
    await remove(gcloud, ["scheduler", "jobs"], name, place);
  const services = [...(await findServices(cloud)).keys()];
  await down(cloud);
  const own = [recommenderName, operatorName, personalizerName, inferenceName].map((nameOf) => nameOf(shop));
  for (const name of own.filter((each) => services.includes(each)))
    await gcloud.change("run", "services", "delete", name, at);
  await remove(gcloud, ["secrets"], tokenKeyName(shop));
  await remove(gcloud, ["logging", "sinks"], sinkName(shop));
  // A shop that another one's recommender serves has none of its own, but it has nights.
  const isAnothers = (nameOf: (shop: string) => string) => (name: string) =>
    name.startsWith(nameOf("")) && name !== nameOf(shop);
  return services.some(isAnothers(recommenderName)) || jobs.map(lastPart).some(isAnothers(jobName));
}

function isServed(shop: string, other: string): Problem {
  const next = `tear ${other} down first; or take it out of steamer.shops, let its own file deploy a recommender, and deploy ${shop} again`;
  return new Problem({ doing: `Removing ${shop}`, why: `its recommender serves ${other} too`, next });
}

/** Removes the resources that all shops of the project shared. */
async function removeShared(cloud: Cloud): Promise<void> {
  const { gcloud, steamer } = cloud;
  const at = `--location=${steamer.region}`;
  for (const [name, found] of await findFunctions(cloud)) {
    if (isOurs(found))
      await gcloud.change("functions", "delete", name, `--region=${steamer.region}`, "--gen2");
  }
  for (const queue of [QUEUE, PERSONAL_QUEUE, REVIEW_QUEUE])
    await remove(gcloud, ["tasks", "queues"], queue, at);
  // Users' lists are a cache: without a shop nobody reads them.
  if (has(await gcloud.list("firestore", "databases", "list"), LISTS_DATABASE))
    await gcloud.change("firestore", "databases", "delete", `--database=${LISTS_DATABASE}`);
  const { commands, policies } = await findPolicies(gcloud);
  const ours = Object.values(POLICIES)
    .flat()
    .map(({ displayName }) => displayName as string);
  for (const { name, displayName } of policies) {
    if (ours.includes(displayName)) await gcloud.change(...commands, "delete", name);
  }
  for (const { name } of await gcloud.list<{ name: string }>(...CHANNELS)) {
    await gcloud.change("beta", "monitoring", "channels", "delete", name);
  }
  for (const { name } of Object.values(METRICS)) await remove(gcloud, ["logging", "metrics"], name);
  await remove(gcloud, ["artifacts", "repositories"], REPOSITORY, at);
  await deleteDataset(cloud, SCRATCH_DATASET);
  await removeAccounts(cloud);
}

/** Removes one resource, if it exists. */
async function remove(gcloud: Tool, group: string[], name: string, ...flags: string[]): Promise<void> {
  if (has(await gcloud.list(...group, "list", ...flags), name))
    await gcloud.change(...group, "delete", name, ...flags);
}

/** Deletes a dataset with its tables, if it is ours. */
async function deleteDataset({ bq, steamer }: Cloud, name: string): Promise<void> {
  const full = `${steamer.project}:${name}`;
  const found = await bq.read("show", "--dataset", full);
  if (found && isOurs(JSON.parse(found) as object))
    await bq.change("rm", "--recursive", "--force", "--dataset", full);
}

const lastPart = ({ name }: { name: string }) => name.split("/").at(-1)!;
const has = (things: { name: string }[], name: string) => things.some((each) => lastPart(each) === name);

/** An account's roles on the project go first: otherwise they would stay, on a deleted account. */
async function removeAccounts({ gcloud, steamer, email }: Cloud): Promise<void> {
  const accounts = (Object.keys(ACCOUNTS) as Account[]).map(email);
  const project = { group: ["projects"], name: steamer.project, conditions: true };
  const members = accounts.map((account) => `serviceAccount:${account}`);
  await unbind(gcloud, project, (member) => members.includes(member));
  const there = await gcloud.list<{ email: string }>("iam", "service-accounts", "list");
  for (const account of accounts.filter((each) => there.some(({ email }) => email === each))) {
    await gcloud.change("iam", "service-accounts", "delete", account);
  }
}

/** Deletes what a shop has in databases; without other shops, the database of reviews as well. */
async function deleteEntities({ gcloud, steamer }: Cloud, others: boolean): Promise<void> {
  const databases = await gcloud.list<{ name: string; type?: string }>("firestore", "databases", "list");
  const bulkDelete = async (database: string, kinds: object) => {
    const words = [`--collection-ids=${Object.values(kinds).join(",")}`, `--namespace-ids=${steamer.shop}`];
    await gcloud.change("firestore", "bulk-delete", ...words, `--database=${database}`);
  };
  // Earlier settings may have filled it. In Firestore's native mode it is somebody else's.
  const models = databases.find((each) => lastPart(each) === "(default)");
  if (models?.type === "DATASTORE_MODE") await bulkDelete("(default)", DATASTORE);
  if (has(databases, LISTS_DATABASE)) await bulkDelete(LISTS_DATABASE, LISTS);
  if (!has(databases, REVIEWS_DATABASE)) return;
  if (others) return bulkDelete(REVIEWS_DATABASE, REVIEWS);
  const database = `--database=${REVIEWS_DATABASE}`;
  await gcloud.change("firestore", "databases", "update", database, "--no-delete-protection");
  await gcloud.change("firestore", "databases", "delete", database);
}

/** Deletes the objects below a prefix, or a bucket with all its objects. */
async function deleteObjects({ gcloud }: Cloud, bucket: string, prefix: string): Promise<void> {
  const buckets = await gcloud.list<{ name: string }>("storage", "buckets", "list");
  if (!has(buckets, bucket)) return;
  const all = prefix ? `gs://${bucket}/${prefix}**` : `gs://${bucket}`;
  // gcloud fails when there is nothing to remove.
  if (prefix && (await gcloud.read("storage", "ls", "--all-versions", all)) === null) return;
  await gcloud.change("storage", "rm", "--recursive", "--all-versions", all);
}

if (import.meta.main) {
  const usage = "infra/teardown <settings file> [--delete-data] [--dry-run]";
  await main(usage, ["delete-data"], async (cloud, given) => {
    await teardown(cloud, { deleteData: given["delete-data"] === true });
    const { changes, dryRun } = cloud.journal;
    return `${changes} things ${dryRun ? "would be removed" : "removed"}.`;
  });
}
