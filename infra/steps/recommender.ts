import { paths } from "../../contracts/layout.ts";
import type { Manifest, Pointer } from "../../contracts/manifest.ts";
import type { LoadMetrics } from "../../contracts/metrics.ts";
import { contentsOf } from "../assemble.ts";
import type { Cloud } from "../cloud.ts";
import { recommenderSize } from "../memory.ts";
import { environment, operatorName, recommenderName, stamp } from "../names.ts";
import { servedShops } from "../served-shops.ts";
import { TOKEN_KEY_FILE, servingSettings } from "../serving.ts";
import { buildImage } from "./images.ts";
import { deployService, type Service } from "./services.ts";
import { newestTokenKey } from "./token-key.ts";

/**
 * Deploys a shop's recommender if it has changed, with memory for the models it serves, unless that
 * of another shop serves this one. The same image also runs the operator's page, a service of its
 * own that runs only while somebody looks.
 */
export async function deployRecommender(cloud: Cloud, folder: string): Promise<void> {
  const { gcloud, steamer, deploy, email } = cloud;
  if (deploy.servedBy) return;
  const image = await buildImage(cloud, "recommender", folder, stamp(contentsOf(folder)));
  const shops = servedShops(steamer);
  const bytes = (shop: string) => (steamer.store === "datastore" ? 0 : snapshotBytes(cloud, shop));
  const size = recommenderSize(await Promise.all(shops.map(bytes)));
  const common = [
    `--image=${image}`,
    `--service-account=${email("recommender")}`,
    "--no-allow-unauthenticated",
    // Pointer and lists are also polled between requests.
    "--port=8080",
    `--memory=${size.memory}`,
    `--cpu=${size.cpu}`,
    "--cpu-boost",
    "--no-cpu-throttling",
  ];
  const there = await gcloud.list<Service>("run", "services", "list", `--region=${steamer.region}`);
  const find = (name: string) => there.find(({ metadata }) => metadata.name === name);
  const recommender = recommenderName(steamer.shop);
  await deployService(cloud, find(recommender), {
    name: recommender,
    flags: [...common, ...recommenderFlags(cloud, await newestTokenKey(cloud))],
    access: deploy.access,
    members: deploy.access === "iam" ? deploy.callers : [],
    roles: ["roles/run.invoker"],
  });
  const operator = operatorName(steamer.shop);
  await deployService(cloud, find(operator), {
    name: operator,
    flags: [...common, ...operatorFlags(cloud)],
    access: "iam",
    members: deploy.operators,
    // `gcloud run services proxy` looks the service up before it calls it.
    roles: ["roles/run.invoker", "roles/run.viewer"],
  });
}

function recommenderFlags(cloud: Cloud, tokenKey: string): string[] {
  const { deploy, steamer } = cloud;
  return [
    `--set-secrets=${TOKEN_KEY_FILE}=${tokenKey}`,
    `--min-instances=${deploy.minInstances}`,
    `--max-instances=${deploy.maxInstances}`,
    // At this limit Cloud Run starts another instance, before the service itself refuses a request.
    `--concurrency=${Math.min(80, steamer.maxConcurrent)}`,
    // A first model takes long to read; without one the service listens all the same.
    "--startup-probe=httpGet.path=/livez,periodSeconds=5,timeoutSeconds=4,failureThreshold=48",
    "--liveness-probe=httpGet.path=/livez,periodSeconds=30,timeoutSeconds=5,failureThreshold=3",
    environment({ ...servingSettings(cloud), tokenKeyFile: TOKEN_KEY_FILE }),
  ];
}

/**
 * Cloud Run routes to the operator's listener. The public one is bound to the loopback address, for
 * the process alone.
 */
function operatorFlags(cloud: Cloud): string[] {
  const listeners = { host: "127.0.0.1", port: "8081", opsHost: "0.0.0.0", opsPort: "8080" };
  return ["--min-instances=0", "--max-instances=1", environment({ ...servingSettings(cloud), ...listeners })];
}

/** Bytes of the snapshot of a shop's current model; null before the first model. */
async function snapshotBytes(cloud: Cloud, shop: string): Promise<number | null> {
  const { gcloud, dataBucket, pointerBucket } = cloud;
  const read = async <T>(bucket: string, path: string) => {
    const text = await gcloud.read("storage", "cat", `gs://${bucket}/${path}`);
    return text === null ? null : (JSON.parse(text) as T);
  };
  const pointer = await read<Pointer>(pointerBucket, paths.pointer(shop));
  if (!pointer) return null;
  const manifest = await read<Manifest>(dataBucket, paths.manifest(shop, pointer.model));
  const metrics = manifest?.stages.load.metrics as LoadMetrics | undefined;
  return metrics?.snapshot.bytes ?? null;
}
