/**
 * infra/notebook up|down <settings file> [--dry-run]: a small cluster with Jupyter, for as long as
 * somebody works on it.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { CLUSTER_IMAGE } from "../contracts/google-names.ts";
import { jobFiles, notebookFiles } from "../contracts/layout.ts";
import { Problem } from "../contracts/problem.ts";
import type { Cloud } from "./cloud.ts";
import { ALL_BUT_RULES, onlyData } from "./conditions.ts";
import { LABEL, notebookBucket, notebookName } from "./names.ts";
import { main } from "./program.ts";
import { bucket, makeAccounts } from "./steps/accounts.ts";
import { bind, unbind, type Guarded } from "./steps/bindings.ts";
import { makeBucket } from "./steps/storage.ts";

const ROOT = join(import.meta.dirname, "..");
const NOTEBOOKS = join(ROOT, "notebooks");
/** A cluster that is forgotten goes by itself, after so long without work or so long in all. */
const LIMITS = ["--delete-max-idle=1h", "--delete-max-age=12h"];

interface Cluster {
  clusterName: string;
  status?: { state?: string };
}

/** The rights of the notebook's account: to read, and to write to the bucket of notebooks alone. */
function rightsOf({ steamer, dataBucket, pointerBucket }: Cloud) {
  const own = notebookBucket(dataBucket);
  const project: Guarded = { group: ["projects"], name: steamer.project, conditions: true };
  return [
    { on: project, role: "roles/dataproc.worker", when: onlyData(own) },
    { on: bucket(own), role: "roles/storage.objectUser" },
    { on: bucket(dataBucket), role: "roles/storage.objectViewer" },
    { on: bucket(pointerBucket), role: "roles/storage.objectViewer", when: ALL_BUT_RULES },
  ];
}

const findCluster = async ({ gcloud, steamer }: Cloud): Promise<Cluster | undefined> => {
  const all = await gcloud.list<Cluster>("dataproc", "clusters", "list", `--region=${steamer.region}`);
  return all.find(({ clusterName }) => clusterName === notebookName(steamer.shop));
};

/** Makes the cluster with all that it needs, unless it is there. Notebooks that are there stay. */
export async function up(cloud: Cloud): Promise<string> {
  const { gcloud, dataBucket, email } = cloud;
  await makeAccounts(cloud);
  const own = notebookBucket(dataBucket);
  await makeBucket(cloud, own);
  const member = `serviceAccount:${email("notebook")}`;
  for (const { on, ...right } of rightsOf(cloud)) await bind(gcloud, on, [{ member, ...right }]);
  if (!(await findCluster(cloud))) {
    await upload(cloud, `gs://${own}`);
    await makeCluster(cloud, own);
  }
  return jupyterOf(cloud);
}

/** Removes the cluster, and with the last one its account's rights. The bucket stays. */
export async function down(cloud: Cloud): Promise<string> {
  const { gcloud, steamer, dataBucket, email } = cloud;
  const at = `--region=${steamer.region}`;
  if (await findCluster(cloud))
    await gcloud.change("dataproc", "clusters", "delete", notebookName(steamer.shop), at);
  const left = await gcloud.list<Cluster>("dataproc", "clusters", "list", at);
  const isOther = ({ clusterName }: Cluster) =>
    clusterName.startsWith(notebookName("")) && clusterName !== notebookName(steamer.shop);
  const member = `serviceAccount:${email("notebook")}`;
  if (!left.some(isOther)) {
    for (const { on, role } of rightsOf(cloud))
      await unbind(gcloud, on, (each, held) => each === member && held === role);
  }
  return `The notebooks are still in gs://${notebookBucket(dataBucket)}.`;
}

/** The job's code and packages for the cluster, and the notebooks for who works on it. */
async function upload({ gcloud, journal }: Cloud, place: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "steamer-notebook-"));
  try {
    if (!journal.dryRun) pack(folder);
    const { code, packages } = jobFiles.spark;
    const packed = [code, packages].map((path) => join(folder, basename(path)));
    const own = ["night.py", basename(notebookFiles.install)].map((name) => join(NOTEBOOKS, name));
    await gcloud.change("storage", "cp", ...packed, ...own, `${place}/${notebookFiles.code}`);
    const notebook = join(NOTEBOOKS, "similarity.ipynb");
    // One that somebody has changed stays.
    await gcloud.change("storage", "cp", "--no-clobber", notebook, `${place}/${notebookFiles.kept}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function pack(folder: string): void {
  const requirements = join(NOTEBOOKS, "requirements.txt");
  try {
    execFileSync(join(ROOT, "spark-jobs/package.sh"), [folder, requirements], { stdio: ["ignore", 2, 2] });
  } catch (cause) {
    const next = "it needs Python 3.11 or newer, with pip";
    throw new Problem({ doing: "Packing the notebook", why: "package.sh failed", next, cause });
  }
}

async function makeCluster({ gcloud, steamer, email }: Cloud, own: string): Promise<void> {
  const { shop, region, data, pointer, clusterMachine, subnetwork } = steamer;
  const places = { code: `gs://${own}/${notebookFiles.code}`, data, pointer, shop };
  await gcloud.change(
    ...["dataproc", "clusters", "create", notebookName(shop)],
    `--region=${region}`,
    "--single-node",
    `--image-version=${CLUSTER_IMAGE}`,
    `--master-machine-type=${clusterMachine}`,
    "--optional-components=JUPYTER",
    "--enable-component-gateway",
    `--service-account=${email("notebook")}`,
    "--scopes=https://www.googleapis.com/auth/cloud-platform",
    "--no-address",
    ...(subnetwork ? [`--subnet=${subnetwork}`] : []),
    `--bucket=${own}`,
    `--temp-bucket=${own}`,
    `--initialization-actions=gs://${own}/${notebookFiles.install}`,
    `--metadata=${Object.entries(places)
      .map(([name, value]) => `steamer-${name}=${value}`)
      .join(",")}`,
    `--labels=${LABEL},shop=${shop}`,
    ...LIMITS,
  );
}

/** Where the component gateway shows Jupyter, to those who may use the cluster. */
async function jupyterOf({ gcloud, steamer, journal }: Cloud): Promise<string> {
  if (journal.dryRun) return `${journal.changes} changes would be made.`;
  const at = `--region=${steamer.region}`;
  const found = await gcloud.readJson<{
    config?: { endpointConfig?: { httpPorts?: Record<string, string> } };
  }>(...["dataproc", "clusters", "describe", notebookName(steamer.shop), at]);
  const ports = found?.config?.endpointConfig?.httpPorts ?? {};
  const address = ports["JupyterLab"] ?? ports["Jupyter"];
  return address
    ? `Open ${address}`
    : "The cluster does not tell its address yet: look for it in the console, under Dataproc, web interfaces.";
}

if (import.meta.main) {
  const act = (cloud: Cloud, { action }: { action?: unknown }) => (action === "up" ? up(cloud) : down(cloud));
  await main("infra/notebook up|down <settings file> [--dry-run]", [], act, ["up", "down"]);
}
