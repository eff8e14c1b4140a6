import { Problem } from "../../contracts/problem.ts";
import { LIVENESS } from "../../contracts/health.ts";
import { contentsOf } from "../assemble.ts";
import type { Cloud } from "../cloud.ts";
import { personalizerSize } from "../memory.ts";
import { environment, personalizerName, stamp } from "../names.ts";
import { rolesOf } from "../roles.ts";
import { servedShops } from "../served-shops.ts";
import { hasPersonalizer, personalizerSettings } from "../serving.ts";
import { buildImage } from "./images.ts";
import { currentFiles } from "./model-files.ts";
import { deployService, findServices, modelServiceFlags } from "./services.ts";

/** The most requests at once that Cloud Run brings to an instance. */
const MOST_AT_ONCE = 1000;

/**
 * Deploys the Personalizer of the shops that the recommender serves, if it has changed, with memory
 * for their models. Only the function `personalize` may call it.
 */
export async function deployPersonalizer(cloud: Cloud, folder: string): Promise<void> {
  if (!hasPersonalizer(cloud)) return;
  const { steamer, email } = cloud;
  const image = await buildImage(cloud, "personalizer", folder, stamp(contentsOf(folder)));
  const sizes = await Promise.all(servedShops(steamer).map((shop) => modelBytes(cloud, shop)));
  const name = personalizerName(steamer.shop);
  await deployService(cloud, (await findServices(cloud)).get(name), {
    name,
    flags: [
      ...modelServiceFlags(cloud, { image, account: "personalizer", ...personalizerSize(sizes) }),
      ...flagsOf(cloud),
    ],
    access: "iam",
    members: rolesOf(cloud).invokers.personalizer.map((account) => `serviceAccount:${email(account)}`),
    roles: ["roles/run.invoker"],
  });
}

function flagsOf(cloud: Cloud): string[] {
  const { deploy, steamer } = cloud;
  // An HTTP probe would speak HTTP/1, which a gRPC server does not understand.
  const probe = `grpc.port=8080,grpc.service=${LIVENESS}`;
  return [
    "--use-http2",
    `--min-instances=${deploy.personalizerMinInstances}`,
    `--max-instances=${deploy.personalizerMaxInstances}`,
    // At this limit Cloud Run starts another instance, before the service itself refuses a call.
    `--concurrency=${Math.min(MOST_AT_ONCE, steamer["personalizer.maxCalls"])}`,
    // A first model takes long to read; without one the service listens all the same.
    `--startup-probe=${probe},periodSeconds=5,timeoutSeconds=4,failureThreshold=48`,
    `--liveness-probe=${probe},periodSeconds=30,timeoutSeconds=5,failureThreshold=3`,
    environment(personalizerSettings(cloud)),
  ];
}

/**
 * The settings by which users' lists are asked for: none without a Personalizer. Cloud Run alone
 * knows a service's address, once it is there.
 */
export async function addressOfPersonalizer(cloud: Cloud): Promise<Record<string, string>> {
  if (!hasPersonalizer(cloud)) return {};
  const name = personalizerName(cloud.steamer.shop);
  const url = (await findServices(cloud)).get(name)?.status?.url;
  if (!url && !cloud.journal.dryRun) {
    const next = "look at the service (gcloud run services describe) and deploy again";
    throw new Problem({ doing: `Looking for ${name}`, why: "it has no address", next });
  }
  // A dry run may find no service.
  const host = url ? new URL(url).host : `${name}.run.app`;
  return { "personal.address": `${host}:443`, "personal.auth": "google" };
}

/** A service that is wanted no more costs money and keeps nothing: it goes. */
export async function removePersonalizer(cloud: Cloud): Promise<void> {
  const { gcloud, steamer } = cloud;
  const name = personalizerName(steamer.shop);
  if (hasPersonalizer(cloud) || !(await findServices(cloud)).has(name)) return;
  await gcloud.change("run", "services", "delete", name, `--region=${steamer.region}`);
}

/** Bytes of a model in memory: its files, and the items' factors once more in another order. */
async function modelBytes(cloud: Cloud, shop: string): Promise<number | null> {
  const files = await currentFiles(cloud, shop);
  if (!files) return null;
  // A model that was made without factors is not loaded.
  if (!files.factors) return 0;
  const { items, users } = files.factors;
  return files.snapshot.bytes + users.bytes + 2 * items.bytes;
}
