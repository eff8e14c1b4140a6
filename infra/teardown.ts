/** infra/teardown <settings file> [--delete-data] [--dry-run]: removes a shop, and with the last one what they shared. */
import type { Cloud } from "./cloud.ts";
import { main } from "./program.ts";
import { ACCOUNTS, QUEUE, SCRATCH_DATASET, type Account } from "../contracts/google-names.ts";
import { paths } from "../contracts/layout.ts";
import {
  REPOSITORY,
  attributionDataset,
  jobName,
  operatorName,
  recommenderName,
  sinkName,
  tokenKeyName,
} from "./names.ts";
import { findFunctions, isOurs } from "./steps/functions.ts";
import { CHANNELS, MODEL_AGE, POLICIES, findPolicies } from "./steps/alarms.ts";
import { DATASTORE } from "../contracts/datastore.ts";

/** Models, runs and pointers stay unless `deleteData` says otherwise. What is gone already is passed over. */
export async function teardown(cloud: Cloud, { deleteData = false } = {}): Promise<void> {
  const { gcloud, steamer, dataBucket, pointerBucket } = cloud;
  const { shop, region } = steamer;
  const named = ({ name }: { name: string }) => name.split("/").at(-1)!;
  const jobs = (await gcloud.list<{ name: string }>("scheduler", "jobs", "list", `--location=${region}`)).map(
    named,
  );
  if (jobs.includes(jobName(shop))) {
    await gcloud.change("scheduler", "jobs", "delete", jobName(shop), `--location=${region}`);
  }
  const services = await gcloud.list<{ metadata: { name: string } }>(
    "run",
    "services",
    "list",
    `--region=${region}`,
  );
  for (const name of [recommenderName(shop), operatorName(shop)]) {
    if (services.some(({ metadata }) => metadata.name === name))
      await gcloud.change("run", "services", "delete", name, `--region=${region}`);
  }
  if (has(await gcloud.list("secrets", "list"), tokenKeyName(shop)))
    await gcloud.change("secrets", "delete", tokenKeyName(shop));
  if (has(await gcloud.list("logging", "sinks", "list"), sinkName(shop)))
    await gcloud.change("logging", "sinks", "delete", sinkName(shop));
  const others = services.some(
    ({ metadata: { name } }) => name.startsWith(recommenderName("")) && name !== recommenderName(shop),
  );
  if (!others) await removeShared(cloud);
  if (!deleteData) return;
  await deleteDataset(cloud, attributionDataset(shop));
  await deleteEntities(cloud);
  for (const bucket of [dataBucket, pointerBucket])
    await deleteObjects(cloud, bucket, others ? paths.shop(shop) : "");
}

/** What every shop of the project used. */
async function removeShared(cloud: Cloud): Promise<void> {
  const { gcloud, steamer } = cloud;
  const at = `--location=${steamer.region}`;
  const list = (...words: string[]) => gcloud.list<{ name: string }>(...words);
  for (const [name, found] of await findFunctions(cloud)) {
    if (isOurs(found))
      await gcloud.change("functions", "delete", name, `--region=${steamer.region}`, "--gen2");
  }
  if (has(await list("tasks", "queues", "list", at), QUEUE))
    await gcloud.change("tasks", "queues", "delete", QUEUE, at);
  const { commands, policies } = await findPolicies(gcloud);
  for (const { name, displayName } of policies) {
    if (POLICIES.includes(displayName)) await gcloud.change(...commands, "delete", name);
  }
  for (const { name } of await list(...CHANNELS)) {
    await gcloud.change("beta", "monitoring", "channels", "delete", name);
  }
  if (has(await list("logging", "metrics", "list"), MODEL_AGE))
    await gcloud.change("logging", "metrics", "delete", MODEL_AGE);
  if (has(await list("artifacts", "repositories", "list", at), REPOSITORY)) {
    await gcloud.change("artifacts", "repositories", "delete", REPOSITORY, at);
  }
  await deleteDataset(cloud, SCRATCH_DATASET);
  await removeAccounts(cloud);
}

/** With its tables, if it is ours. */
async function deleteDataset({ bq, steamer }: Cloud, name: string): Promise<void> {
  const full = `${steamer.project}:${name}`;
  const found = await bq.read("show", "--dataset", full);
  if (found && isOurs(JSON.parse(found) as object))
    await bq.change("rm", "--recursive", "--force", "--dataset", full);
}

const has = (things: { name: string }[], name: string) =>
  things.some((each) => each.name.split("/").at(-1) === name);

/** An account's roles on the project go before it: else they would stay, on nobody. */
async function removeAccounts({ gcloud, steamer, email }: Cloud): Promise<void> {
  const accounts = (Object.keys(ACCOUNTS) as Account[]).map(email);
  const policy = await gcloud.readJson<{ bindings?: { role: string; members: string[] }[] }>(
    "projects",
    "get-iam-policy",
    steamer.project,
  );
  const held = (policy?.bindings ?? []).flatMap(({ role, members }) =>
    members.map((member) => [role, member] as const),
  );
  for (const [role, member] of held) {
    if (!accounts.some((account) => member === `serviceAccount:${account}`)) continue;
    const flags = [`--role=${role}`, `--member=${member}`, "--all"];
    await gcloud.change("projects", "remove-iam-policy-binding", steamer.project, ...flags);
  }
  const there = await gcloud.list<{ email: string }>("iam", "service-accounts", "list");
  for (const account of accounts.filter((each) => there.some(({ email }) => email === each))) {
    await gcloud.change("iam", "service-accounts", "delete", account);
  }
}

async function deleteEntities({ gcloud, steamer }: Cloud): Promise<void> {
  if (steamer.stores !== "both" && steamer.store !== "datastore") return;
  const kinds = `--collection-ids=${Object.values(DATASTORE).join(",")}`;
  await gcloud.change(
    "firestore",
    "bulk-delete",
    kinds,
    `--namespace-ids=${steamer.shop}`,
    "--database=(default)",
  );
}

/** Below a prefix, or a bucket with all it holds. */
async function deleteObjects({ gcloud }: Cloud, bucket: string, prefix: string): Promise<void> {
  const buckets = await gcloud.list<{ name: string }>("storage", "buckets", "list");
  if (!has(buckets, bucket)) return;
  const all = prefix ? `gs://${bucket}/${prefix}**` : `gs://${bucket}`;
  // To remove nothing is an error.
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
