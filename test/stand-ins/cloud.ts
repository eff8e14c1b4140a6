import type { GoogleService } from "../../contracts/settings/cloud.ts";
import { startBigQuery } from "./bigquery/bigquery.ts";
import type { BucketFiles } from "./storage/bucket-files.ts";
import { Children } from "./platform/child.ts";
import { Clock } from "./platform/clock.ts";
import { Dataflow } from "./dataflow/dataflow.ts";
import { Dataproc } from "./dataproc/dataproc.ts";
import { startDatastore } from "./datastore/datastore.ts";
import { Faults } from "./platform/faults.ts";
import { startGrpc } from "./platform/grpc.ts";
import { startIdentity, type Identity } from "./tasks/identity.ts";
import { startPlatform, type PlatformOptions } from "./platform/platform.ts";
import { Scheduler } from "./tasks/scheduler.ts";
import { startStorage } from "./storage/storage.ts";
import { Tasks } from "./tasks/tasks.ts";

export interface CloudOptions {
  /** Services to start, with those that they need (default: all). */
  services?: (GoogleService | "scheduler")[];
  /** Default `steamer-local`. */
  project?: string;
  /** Default `us-central1`. */
  region?: string;
  /** Buckets that exist from the start. */
  buckets?: string[];
  /** Names of queues that exist from the start, with Cloud Tasks' own defaults. */
  queues?: string[];
  /** The speed at which Cloud Tasks' delays and back-offs pass (default 1, real time). */
  speed?: number;
}

/** A local Google Cloud. README.md lists the features and limits of each part. */
export interface Cloud {
  project: string;
  region: string;
  /**
   * For the setting `endpoints`: http://127.0.0.1:<port> of bigquery and storage, 127.0.0.1:<port>
   * of the others. A service that is not started, or not installed, is absent.
   */
  endpoints: Partial<Record<GoogleService, string>>;
  /** The address of Cloud Scheduler: 127.0.0.1:<port>. */
  schedulerEndpoint: string | undefined;
  /** Lets calls and jobs fail, wait or lose their answers; counts them. */
  faults: Faults;
  /** The number of times a call was seen: `calls("Tasks.CreateTask")`. */
  calls(call: string): number;
  identity: Identity;
  /** A front that admits only the accounts that may invoke; closed with the cloud. */
  platform(options: PlatformOptions): Promise<{ url: string; close(): Promise<void> }>;
  tasks: Tasks;
  scheduler: Scheduler;
  dataproc: Dataproc;
  dataflow: Dataflow;
  /** Empties Datastore. */
  resetDatastore(): Promise<void>;
  /** Objects by their gs:// addresses, past the faults and the counts. */
  files: BucketFiles;
  /** Lets time pass at once: tasks become due, limits of workflows and clusters expire. */
  advance(seconds: number): void;
  /** Ends everything, and returns when no process is left. */
  close(): Promise<void>;
}

const ALL = ["bigquery", "storage", "tasks", "scheduler", "dataproc", "dataflow", "datastore"] as const;
const NEEDS_BUCKET = ["bigquery", "storage", "dataproc", "dataflow"];

/** Starts a local Google Cloud on free ports of 127.0.0.1. */
export async function startCloud(options: CloudOptions = {}): Promise<Cloud> {
  const { services = ALL, project = "steamer-local", region = "us-central1", speed = 1 } = options;
  // Otherwise the clients of this process ask the network for their identity.
  process.env["METADATA_SERVER_DETECTION"] ??= "none";
  const [children, faults, clock] = [new Children(), new Faults(), new Clock()];
  const closers: (() => Promise<void> | void)[] = [() => children.close()];
  const started = async <T extends { close(): Promise<void> | void }>(starting: Promise<T>): Promise<T> => {
    const part = await starting;
    closers.unshift(() => part.close());
    return part;
  };
  const close = async () => {
    faults.clear();
    clock.close();
    for (const end of closers.splice(0)) await end();
  };
  const wants = (service: (typeof ALL)[number]) => services.includes(service);

  try {
    const identity = await started(startIdentity());
    const bucket = services.some((service) => NEEDS_BUCKET.includes(service));
    const starting = {
      storage: bucket ? started(startStorage(children, faults, options.buckets)) : undefined,
      datastore: wants("datastore") ? startDatastore(children, faults) : undefined,
    };
    const [storage, datastore] = await Promise.all([starting.storage, starting.datastore]);
    if (datastore) closers.unshift(() => datastore.close());
    const files = storage?.files as BucketFiles;
    const bigquery = wants("bigquery")
      ? await started(startBigQuery(children, faults, storage!, project))
      : undefined;
    const world = {
      project,
      region,
      children,
      faults,
      clock,
      identity,
      files,
      storageUrl: storage?.url ?? "",
    };
    const tasks = new Tasks({ ...world, speed });
    const parts = {
      tasks,
      scheduler: new Scheduler(world),
      dataproc: new Dataproc(world),
      dataflow: new Dataflow({ ...world, datastore: datastore?.address }),
    };
    for (const queue of options.queues ?? []) tasks.addQueue(queue);
    const asked = Object.entries(parts).filter(([name]) => wants(name as keyof typeof parts));
    const grpc = await started(
      startGrpc(
        faults,
        asked.flatMap(([, part]) => part.services()),
      ),
    );
    for (const [, part] of asked) closers.unshift(() => part.close());
    const addresses = {
      bigquery: bigquery?.url,
      storage: storage?.url,
      datastore: datastore?.address,
      ...Object.fromEntries(asked.map(([name]) => [name, grpc.address])),
    };
    const { scheduler: schedulerEndpoint, ...endpoints } = withoutMissing(addresses);
    return {
      project,
      region,
      endpoints,
      schedulerEndpoint,
      faults,
      identity,
      files,
      ...parts,
      resetDatastore: async () => datastore?.reset(),
      calls: (call) => faults.calls(call),
      platform: (platform) => started(startPlatform(identity, platform)),
      advance: (seconds) => clock.advance(seconds),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const withoutMissing = (addresses: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(addresses).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
