import { contentsOf } from "../assemble.ts";
import type { Cloud } from "../cloud.ts";
import { recommenderSize } from "../memory.ts";
import { environment, operatorName, recommenderName, stamp } from "../names.ts";
import { servedShops } from "../served-shops.ts";
import { settingsFor, TOKEN_KEY_FILE } from "../serving.ts";
import { addressOf, PERSONALIZER } from "./grpc-services.ts";
import { buildImage } from "./images.ts";
import { currentFiles } from "./model-files.ts";
import { deployService, findServices, modelServiceFlags } from "./services.ts";
import { newestTokenKey } from "./token-key.ts";

/**
 * Deploys a shop's recommender if it has changed, with memory for the models it serves, unless that
 * of another shop serves this one. The same image also runs the operator's page, a service of its
 * own that runs only while somebody looks.
 */
export async function deployRecommender(cloud: Cloud, folder: string): Promise<void> {
  const { steamer, deploy } = cloud;
  if (deploy.servedBy) return;
  const image = await buildImage(cloud, "recommender", folder, stamp(contentsOf(folder)));
  const shops = servedShops(steamer);
  const bytes = async (shop: string) =>
    steamer.store === "datastore" ? 0 : ((await currentFiles(cloud, shop))?.snapshot.bytes ?? null);
  const size = recommenderSize(await Promise.all(shops.map(bytes)));
  const common = modelServiceFlags(cloud, { image, account: "recommender", ...size });
  const settings = { ...settingsFor("recommender", cloud), access: deploy.access };
  const personal = await addressOf(cloud, PERSONALIZER);
  const there = await findServices(cloud);
  const recommender = recommenderName(steamer.shop);
  await deployService(cloud, there.get(recommender), {
    name: recommender,
    flags: [...common, ...recommenderFlags(cloud, { ...settings, ...personal }, await newestTokenKey(cloud))],
    access: deploy.access,
    members: deploy.access === "iam" ? deploy.callers : [],
    roles: ["roles/run.invoker"],
  });
  const operator = operatorName(steamer.shop);
  await deployService(cloud, there.get(operator), {
    name: operator,
    flags: [...common, ...operatorFlags(settings)],
    access: "iam",
    members: deploy.operators,
    // `gcloud run services proxy` looks the service up before it calls it.
    roles: ["roles/run.invoker", "roles/run.viewer"],
  });
}

function recommenderFlags(
  { deploy, steamer }: Cloud,
  settings: Record<string, string>,
  tokenKey: string,
): string[] {
  return [
    `--set-secrets=${TOKEN_KEY_FILE}=${tokenKey}`,
    `--min-instances=${deploy.minInstances}`,
    `--max-instances=${deploy.maxInstances}`,
    // At this limit Cloud Run starts another instance, before the service itself refuses a request.
    `--concurrency=${Math.min(80, steamer.maxConcurrent)}`,
    // A first model takes long to read; without one the service listens all the same.
    "--startup-probe=httpGet.path=/livez,periodSeconds=5,timeoutSeconds=4,failureThreshold=48",
    "--liveness-probe=httpGet.path=/livez,periodSeconds=30,timeoutSeconds=5,failureThreshold=3",
    environment({ ...settings, tokenKeyFile: TOKEN_KEY_FILE }),
  ];
}

/**
 * Cloud Run routes to the operator's listener. The public one is bound to the loopback address, for
 * the process alone.
 */
function operatorFlags(settings: Record<string, string>): string[] {
  const listeners = { host: "127.0.0.1", port: "8081", opsHost: "0.0.0.0", opsPort: "8080" };
  return ["--min-instances=0", "--max-instances=1", environment({ ...settings, ...listeners })];
}
