import { paths, type Manifest, type Pointer } from "../../contracts/manifest.ts";
import type { LoadMetrics } from "../../contracts/metrics.ts";
import { contentsOf } from "../assemble.ts";
import type { Cloud } from "../cloud.ts";
import { recommenderSize } from "../memory.ts";
import { LABEL, environment, operatorName, recommenderName, stamp } from "../names.ts";
import { TOKEN_KEY_FILE, servingSettings } from "../serving.ts";
import { bind } from "./bindings.ts";
import { buildImage } from "./images.ts";
import { makeTokenKey } from "./token-key.ts";

/**
 * Deploys a shop's recommender if it has changed, with memory for the model it serves; and from the same image the
 * operator's page, a service of its own that runs only while somebody looks.
 */
export async function deployRecommender(cloud: Cloud, folder: string): Promise<void> {
  const { steamer, deploy, email } = cloud;
  const image = await buildImage(cloud, "recommender", folder, stamp(contentsOf(folder)));
  const size = recommenderSize(steamer.store === "datastore" ? 0 : await snapshotBytes(cloud));
  const common = [
    ...[`--image=${image}`, `--service-account=${email("recommender")}`, "--no-allow-unauthenticated"],
    ...["--port=8080", `--memory=${size.memory}`, `--cpu=${size.cpu}`, "--cpu-boost"],
    `--set-secrets=${TOKEN_KEY_FILE}=${await makeTokenKey(cloud)}`,
  ];
  const there = await cloud.gcloud.list<Service>("run", "services", "list", `--region=${steamer.region}`);
  const callers = deploy.access === "iam" ? deploy.callers : [];
  const recommender = [...common, ...recommenderFlags(cloud)];
  await deployService(cloud, there, recommenderName(steamer.shop), recommender, callers);
  const operator = [...common, ...operatorFlags(cloud)];
  await deployService(cloud, there, operatorName(steamer.shop), operator, deploy.operators);
}

function recommenderFlags({ deploy, steamer, ...others }: Cloud): string[] {
  return [
    // With keys the recommender itself looks at who calls. Letting in allUsers would say the same, where an organization allows it.
    deploy.access === "keys" ? "--no-invoker-iam-check" : "--invoker-iam-check",
    ...["--no-cpu-throttling", `--min-instances=${deploy.minInstances}`],
    `--max-instances=${deploy.maxInstances}`,
    // Cloud Run brings no more than is taken on: it starts another instance before anybody is told to come again.
    `--concurrency=${Math.min(80, steamer.maxConcurrent)}`,
    // A first model takes its time to be read; without one the service listens all the same.
    "--startup-probe=httpGet.path=/livez,periodSeconds=5,timeoutSeconds=4,failureThreshold=48",
    "--liveness-probe=httpGet.path=/livez,periodSeconds=30,timeoutSeconds=5,failureThreshold=3",
    environment(servingSettings({ deploy, steamer, ...others })),
  ];
}

/** Cloud Run leads to the operator's listener; the public one is there for nobody but the process itself. */
function operatorFlags(cloud: Cloud): string[] {
  const listeners = { host: "127.0.0.1", port: "8081", opsHost: "0.0.0.0", opsPort: "8080" };
  return [
    ...["--invoker-iam-check", "--cpu-throttling", "--min-instances=0", "--max-instances=1"],
    environment({ ...servingSettings(cloud), ...listeners }),
  ];
}

interface Service {
  metadata: { name: string; labels?: Record<string, string> };
  status?: { conditions?: { type: string; status: string }[] };
}

async function deployService(
  { gcloud, steamer }: Cloud,
  there: Service[],
  name: string,
  flags: string[],
  invokers: string[],
): Promise<void> {
  const at = `--region=${steamer.region}`;
  const wanted = stamp(flags);
  const found = there.find(({ metadata }) => metadata.name === name);
  const ready = found?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
  // A revision that did not start has left its stamp all the same.
  if (!ready || found?.metadata.labels?.["stamp"] !== wanted) {
    const labels = `--labels=${LABEL},shop=${steamer.shop},stamp=${wanted}`;
    await gcloud.change("run", "deploy", name, at, ...flags, labels);
  }
  const callers = invokers.map((member) => ({ member, role: "roles/run.invoker" }));
  await bind(gcloud, { group: ["run", "services"], name, flags: [at], conditions: false }, callers);
}

/** How many bytes the current model's snapshot has; null before the first model. */
async function snapshotBytes({ gcloud, steamer, dataBucket, pointerBucket }: Cloud): Promise<number | null> {
  const read = async <T>(bucket: string, path: string) => {
    const text = await gcloud.read("storage", "cat", `gs://${bucket}/${path}`);
    return text === null ? null : (JSON.parse(text) as T);
  };
  const pointer = await read<Pointer>(pointerBucket, paths.pointer(steamer.shop));
  if (!pointer) return null;
  const manifest = await read<Manifest>(dataBucket, paths.manifest(steamer.shop, pointer.model));
  const metrics = manifest?.stages.load.metrics as LoadMetrics | undefined;
  return metrics?.snapshot.bytes ?? null;
}
