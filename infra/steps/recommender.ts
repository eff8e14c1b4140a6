import { paths, type Manifest, type Pointer } from "../../contracts/manifest.ts";
import type { LoadMetrics } from "../../contracts/metrics.ts";
import { contentsOf } from "../assemble.ts";
import type { Cloud } from "../cloud.ts";
import { recommenderSize } from "../memory.ts";
import { LABEL, environment, recommenderName, stamp } from "../names.ts";
import { bind } from "./bindings.ts";
import { buildImage } from "./images.ts";

interface Service {
  metadata: { name: string; labels?: Record<string, string> };
  status?: { conditions?: { type: string; status: string }[] };
}

/** Deploys a shop's recommender if it has changed, with memory for the model it serves. */
export async function deployRecommender(cloud: Cloud, folder: string): Promise<void> {
  const { gcloud, steamer, deploy } = cloud;
  const name = recommenderName(steamer.shop);
  const at = `--region=${steamer.region}`;
  const image = await buildImage(cloud, "recommender", folder, stamp(contentsOf(folder)));
  const size = recommenderSize(steamer.store === "datastore" ? 0 : await snapshotBytes(cloud));
  const flags = flagsOf(cloud, image, size);
  const wanted = stamp(flags);
  const there = await gcloud.list<Service>("run", "services", "list", at);
  const found = there.find(({ metadata }) => metadata.name === name);
  const ready = found?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
  // A revision that did not start has left its stamp all the same.
  if (!ready || found?.metadata.labels?.["stamp"] !== wanted) {
    const labels = `--labels=${LABEL},shop=${steamer.shop},stamp=${wanted}`;
    await gcloud.change("run", "deploy", name, at, ...flags, labels);
  }
  const callers = deploy.callers.map((member) => ({ member, role: "roles/run.invoker" }));
  await bind(gcloud, { group: ["run", "services"], name, flags: [at], conditions: false }, callers);
}

function flagsOf(
  { email, given, steamer, deploy }: Cloud,
  image: string,
  size: { memory: string; cpu: number },
) {
  const { shop, project, data, pointer, store } = steamer;
  const env = { shop, project, data, pointer, store, host: "0.0.0.0" };
  return [
    ...[`--image=${image}`, `--service-account=${email("recommender")}`, "--no-allow-unauthenticated"],
    ...["--port=8080", `--memory=${size.memory}`, `--cpu=${size.cpu}`, "--no-cpu-throttling", "--cpu-boost"],
    ...[
      `--min-instances=${deploy.minInstances}`,
      `--max-instances=${deploy.maxInstances}`,
      "--concurrency=80",
    ],
    // A first model takes its time to be read; without one the service listens all the same.
    "--startup-probe=httpGet.path=/livez,periodSeconds=5,timeoutSeconds=4,failureThreshold=48",
    "--liveness-probe=httpGet.path=/livez,periodSeconds=30,timeoutSeconds=5,failureThreshold=3",
    environment({ ...env, ...query(given) }),
  ];
}

/** How the shop wants its queries answered, as far as its settings say so. */
function query({ queryWeights, includeInput }: Cloud["given"]): Record<string, string> {
  const weights =
    queryWeights === null
      ? "uniform"
      : Object.entries(queryWeights ?? {})
          .map((pair) => pair.join("="))
          .join(",");
  return {
    ...(weights ? { queryWeights: weights } : {}),
    ...(includeInput === undefined ? {} : { includeInput: `${includeInput}` }),
  };
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
