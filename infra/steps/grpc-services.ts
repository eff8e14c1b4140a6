import type { Account } from "../../contracts/google-names.ts";
import { LIVENESS } from "../../contracts/health.ts";
import { Problem } from "../../contracts/problem.ts";
import { contentsOf } from "../assemble.ts";
import type { Cloud } from "../cloud.ts";
import { environment, inferenceName, personalizerName, stamp } from "../names.ts";
import { rolesOf } from "../roles.ts";
import { hasPersonalizer, hasReviews } from "../serving.ts";
import { buildImage } from "./images.ts";
import { deployService, findServices, modelServiceFlags } from "./services.ts";

/** A gRPC service of one shop. Its image, its account and its settings have its name. */
interface GrpcService {
  name: Extract<Account, "personalizer" | "inference">;
  /** The settings by which it is found begin with this. */
  asked: "personal" | "reviews";
  nameOf(shop: string): string;
  isWanted(cloud: Cloud): boolean;
}

export const PERSONALIZER: GrpcService = {
  name: "personalizer",
  asked: "personal",
  nameOf: personalizerName,
  isWanted: hasPersonalizer,
};

export const INFERENCE: GrpcService = {
  name: "inference",
  asked: "reviews",
  nameOf: inferenceName,
  isWanted: hasReviews,
};

/** The size of a service, and how it is told what to do. */
interface Shape {
  memory: string;
  cpu: number;
  minInstances: number;
  maxInstances: number;
  /** Calls at once that an instance takes on. */
  maxCalls: number;
  settings: Record<string, string>;
  /** Members who may call it, beside the accounts of roles.ts. */
  callers?: string[];
}

/** The most requests at once that Cloud Run brings to an instance. */
const MOST_AT_ONCE = 1000;

/** Deploys a gRPC service from an assembled folder, if it has changed. */
export async function deployGrpc(
  cloud: Cloud,
  { name: kind, nameOf }: GrpcService,
  folder: string,
  shape: Shape,
): Promise<void> {
  const { steamer, email } = cloud;
  const image = await buildImage(cloud, kind, folder, stamp(contentsOf(folder)));
  const name = nameOf(steamer.shop);
  const accounts = rolesOf(cloud).invokers[kind].map((account) => `serviceAccount:${email(account)}`);
  const { memory, cpu, callers = [] } = shape;
  await deployService(cloud, (await findServices(cloud)).get(name), {
    name,
    flags: [...modelServiceFlags(cloud, { image, account: kind, memory, cpu }), ...flagsOf(shape)],
    access: "iam",
    members: [...accounts, ...callers],
    roles: ["roles/run.invoker"],
  });
}

function flagsOf({ minInstances, maxInstances, maxCalls, settings }: Shape): string[] {
  // An HTTP probe would speak HTTP/1, which a gRPC server does not understand.
  const probe = `grpc.port=8080,grpc.service=${LIVENESS}`;
  return [
    "--use-http2",
    `--min-instances=${minInstances}`,
    `--max-instances=${maxInstances}`,
    // At this limit Cloud Run starts another instance, before the service itself refuses a call.
    `--concurrency=${Math.min(MOST_AT_ONCE, maxCalls)}`,
    // A first model takes long to read; without one the service listens all the same.
    `--startup-probe=${probe},periodSeconds=5,timeoutSeconds=4,failureThreshold=48`,
    `--liveness-probe=${probe},periodSeconds=30,timeoutSeconds=5,failureThreshold=3`,
    environment(settings),
  ];
}

/**
 * The settings by which a service is asked: none where the shop has none. Cloud Run alone knows its
 * address, once it is there.
 */
export async function addressOf(cloud: Cloud, { nameOf, asked, isWanted }: GrpcService) {
  if (!isWanted(cloud)) return {};
  const name = nameOf(cloud.steamer.shop);
  const url = (await findServices(cloud)).get(name)?.status?.url;
  if (!url && !cloud.journal.dryRun) {
    const next = "look at the service (gcloud run services describe) and deploy again";
    throw new Problem({ doing: `Looking for ${name}`, why: "it has no address", next });
  }
  // A dry run may find no service.
  const host = url ? new URL(url).host : `${name}.run.app`;
  return { [`${asked}.address`]: `${host}:443`, [`${asked}.auth`]: "google" };
}

/** Services that are wanted no more cost money and keep nothing: they go. */
export async function removeUnwanted(cloud: Cloud): Promise<void> {
  const { gcloud, steamer } = cloud;
  const unwanted = [PERSONALIZER, INFERENCE].filter(({ isWanted }) => !isWanted(cloud));
  if (unwanted.length === 0) return;
  const there = await findServices(cloud);
  for (const name of unwanted.map(({ nameOf }) => nameOf(steamer.shop))) {
    if (there.has(name)) await gcloud.change("run", "services", "delete", name, `--region=${steamer.region}`);
  }
}
