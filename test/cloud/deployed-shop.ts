import { CloudSchedulerClient } from "@google-cloud/scheduler";
import { credentials } from "@grpc/grpc-js";
import { Value } from "typebox/value";
import { openObjects } from "../../adapters/storage/choose.ts";
import { accountEmail } from "../../contracts/google-names.ts";
import type { Manifest, Pointer } from "../../contracts/manifest.ts";
import { Settings } from "../../contracts/settings/settings.ts";
import type { Objects } from "../../night/state/objects.ts";
import { readPointer } from "../../night/state/pointer.ts";
import { listRuns } from "../../night/run/run.ts";
import { POINTER, type Answer, type Deployment } from "./deployment.ts";
import { loadGa4Tables } from "./ga4-tables.ts";

/** A shop of the local Google Cloud, made by infra/deploy from one settings file. */
export interface DeployedShop {
  settings: Settings;
  objects: Objects;
  /** The hourly call of Cloud Scheduler; returns the HTTP status. */
  fire(): Promise<number>;
  /** An operator's request to the function `runs`. */
  ask(request: { action: string; [field: string]: unknown }): Promise<Answer>;
  /** Deploys the shop again with other settings. */
  set(change: Partial<Settings>): Promise<void>;
  /** Adds tables, as Google Analytics does. */
  bring(tables: Map<string, object[]>): Promise<void>;
  /** Waits until the queue is empty and nothing runs; returns the latest run. */
  nightEnds(): Promise<Manifest>;
  /** Fires, and waits for the end. */
  night(): Promise<Manifest>;
  latest(): Promise<Manifest>;
  pointer(): Promise<Pointer | undefined>;
}

/** Deploys a shop whose dataset has these tables: GA4 events by day, as `20261121`. */
export async function deployShop(
  deployment: Deployment,
  shop: string,
  tables: Map<string, object[]>,
  change: Partial<Settings> = {},
): Promise<DeployedShop> {
  const { cloud, place, functionsUrl } = deployment;
  const dataset = change.dataset ?? `analytics_${shop.replaceAll("-", "_")}`;
  const given = { ...place, shop, functionsUrl, lookSeconds: 5, tableDeadline: "00:00", ...change, dataset };
  const settings = { ...(Value.Default(Settings, {}) as Settings), ...given };
  const set = async (more: Partial<Settings>) => {
    Object.assign(given, more);
    await cloud.files.write(`gs://${POINTER}/shops/${shop}/settings.json`, JSON.stringify(given));
  };
  await set({});
  await loadGa4Tables(cloud, dataset, tables);
  await scheduleNights(deployment, shop);
  const objects = await openObjects(settings);
  const latest = async () => (await listRuns(objects, shop)).at(-1)!.value;
  const fire = () => cloud.scheduler.fire(`steamer-${shop}`);
  const nightEnds = async () => {
    await cloud.tasks.idle();
    return latest();
  };
  return {
    settings,
    objects,
    fire,
    latest,
    nightEnds,
    set,
    ask: (request) => deployment.ask({ shop, ...request }),
    bring: (more) => loadGa4Tables(cloud, dataset, more),
    async night() {
      const status = await fire();
      if (status !== 200) throw new Error(`start-run answered ${status}`);
      return nightEnds();
    },
    pointer: async () => (await readPointer(objects, shop))?.value,
  };
}

/**
 * Deploys another shop on the same tables, with all that the nights of this one have made so far.
 */
export async function copyShop(
  deployment: Deployment,
  { settings, objects }: DeployedShop,
  shop: string,
  change: Partial<Settings> = {},
): Promise<DeployedShop> {
  const from = `shops/${settings.shop}/`;
  const rename = (_key: string, value: unknown) => {
    if (value === settings.shop) return shop;
    return typeof value === "string" ? value.replace(from, `shops/${shop}/`) : value;
  };
  const copy = async (path: string) => {
    const { data } = (await objects.get(path))!;
    const text = () => JSON.stringify(JSON.parse(Buffer.from(data).toString(), rename));
    await objects.put(path.replace(from, `shops/${shop}/`), path.endsWith(".json") ? text() : data);
  };
  await Promise.all((await objects.list(from)).map(copy));
  return deployShop(deployment, shop, new Map(), { ...change, dataset: settings.dataset! });
}

async function scheduleNights({ cloud, functionsUrl }: Deployment, shop: string): Promise<void> {
  const [apiEndpoint, port] = cloud.schedulerEndpoint!.split(":");
  const options = { projectId: cloud.project, apiEndpoint, port: Number(port) };
  const client = new CloudSchedulerClient({ ...options, sslCreds: credentials.createInsecure() } as never);
  const parent = `projects/${cloud.project}/locations/${cloud.region}`;
  const uri = `${functionsUrl}/start-run`;
  const oidcToken = { serviceAccountEmail: accountEmail("scheduler", cloud.project), audience: uri };
  const headers = { "Content-Type": "application/json" };
  const body = Buffer.from(JSON.stringify({ shop }));
  const httpTarget = { uri, httpMethod: "POST", headers, body, oidcToken } as const;
  const name = `${parent}/jobs/steamer-${shop}`;
  await client.createJob({ parent, job: { name, schedule: "5 1-11 * * *", httpTarget } });
  await client.close();
}
