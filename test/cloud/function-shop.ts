import type { AddressInfo } from "node:net";
import type { Server as HttpServer } from "node:http";
import { getTestServer } from "@google-cloud/functions-framework/testing";
import { openObjects } from "../../adapters/storage/choose.ts";
import {
  accountEmail,
  PERSONAL_QUEUE,
  PERSONALIZE,
  REVIEW_QUEUE,
  SCORE_REVIEW,
} from "../../contracts/google-names.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import type { Objects } from "../../night/state/objects.ts";
import { settingsWith } from "../night/shop.ts";
import { startCloud, type Cloud } from "../stand-ins/cloud.ts";
import { startGrpcFront, type GrpcFront } from "../stand-ins/platform/grpc-front.ts";
import { startMetadata } from "../stand-ins/platform/metadata.ts";

const [DATA, POINTER] = ["steamer-data", "steamer-pointer"];

/** A function that calls a gRPC service, its queue, whose token that brings, and its settings. */
const FUNCTIONS = {
  personal: { name: PERSONALIZE, queue: PERSONAL_QUEUE, caller: "personal-tasks" },
  reviews: { name: SCORE_REVIEW, queue: REVIEW_QUEUE, caller: "review-tasks" },
} as const;

type Place = Pick<Settings, "project" | "region" | "data" | "pointer" | "endpoints">;

/** What personal lists, or reviews, need of a deployment, on the local Google Cloud. */
export interface FunctionParts {
  /** The settings that locate it, of the recommender and of the function. */
  found: Partial<Settings> & Pick<Settings, "functionsUrl">;
  /** In front of the service, as Cloud Run is. */
  front: GrpcFront;
  /** Puts the service behind its front. */
  serveFrom(address: string): void;
  close(): Promise<void>;
}

/** A shop with nothing else. */
export interface FunctionShop extends FunctionParts {
  cloud: Cloud;
  /** The function's address. */
  functionsUrl: string;
  /** A recommender's settings. */
  settings: Settings;
  objects: Objects;
  /** Deploys other settings of the function. */
  set(change: Partial<Settings>): Promise<void>;
}

/**
 * Makes the queue, the function, and the front of the service. The function runs in this process,
 * and reads its environment.
 */
export async function startParts(
  of: keyof typeof FUNCTIONS,
  cloud: Cloud,
  place: Place,
): Promise<FunctionParts> {
  const { name, queue, caller } = FUNCTIONS[of];
  // As infra/ makes it: see steps/queue.ts.
  cloud.tasks.addQueue(queue, {
    retryConfig: { maxAttempts: 5, minBackoff: { seconds: "1", nanos: 0 } },
  });
  const { project, identity } = cloud;
  let target = "127.0.0.1:1";
  const front = await startGrpcFront(identity, {
    target: () => target,
    invokers: [accountEmail(name, project)],
  });
  const metadata = await startMetadata(identity, accountEmail(name, project));
  const { region, data, pointer, endpoints } = place;
  setEnvironment({ project, region, data, pointer, endpoints, metadata: metadata.url });
  const { url, server } = await startFunction(name);
  const invokers = [accountEmail(caller, project)];
  const { url: functionsUrl } = await cloud.platform({ target: { [name]: url }, invokers });
  return {
    found: { functionsUrl, [`${of}.address`]: front.address, [`${of}.auth`]: "google" as const },
    front,
    serveFrom: (address) => void (target = address),
    async close() {
      server.close();
      await metadata.close();
      front.close();
    },
  };
}

/** Starts them on a local Google Cloud of their own. */
export async function startFunctionShop(
  of: keyof typeof FUNCTIONS,
  shop: string,
  change: Partial<Settings> = {},
): Promise<FunctionShop> {
  const cloud = await startCloud({
    services: ["storage", "tasks", "datastore"],
    buckets: [DATA, POINTER],
    speed: 10,
  });
  const { project, region, endpoints } = cloud;
  const place = { project, region, data: `gs://${DATA}`, pointer: `gs://${POINTER}`, endpoints };
  const parts = await startParts(of, cloud, place);
  const given = { ...place, shop, ...parts.found };
  const objects = await openObjects(settingsWith(given));
  const set = (change: Partial<Settings>) =>
    cloud.files.write(`gs://${POINTER}/shops/${shop}/settings.json`, JSON.stringify({ ...given, ...change }));
  await set(change);
  return {
    ...parts,
    cloud,
    functionsUrl: parts.found.functionsUrl!,
    settings: settingsWith({ ...given, port: 0, opsPort: 0, access: "open" }),
    objects,
    set,
    async close() {
      await parts.close();
      await cloud.close();
    },
  };
}

function setEnvironment({
  endpoints,
  metadata,
  ...place
}: Record<string, unknown> & { endpoints: object; metadata: string }) {
  const pairs = Object.entries(endpoints).map((pair) => pair.join("="));
  for (const [name, value] of Object.entries({ ...place, endpoints: pairs.join() }))
    process.env[`STEAMER_${name.toUpperCase()}`] = String(value);
  // Google's clients ask this for their identity.
  const { host } = new URL(metadata);
  Object.assign(process.env, { GCE_METADATA_HOST: host, METADATA_SERVER_DETECTION: "assume-present" });
  process.env["LOG_EXECUTION_ID"] = "false";
}

async function startFunction(name: string): Promise<{ url: string; server: HttpServer }> {
  await import("../../functions/index.ts");
  const server = getTestServer(name);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}
