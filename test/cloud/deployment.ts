import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { readFileSync } from "node:fs";
import { getTestServer } from "@google-cloud/functions-framework/testing";
import { BigQuery } from "@google-cloud/bigquery";
import { accountEmail, FUNCTIONS, QUEUE, SCRATCH_DATASET } from "../../contracts/google-names.ts";
import { jobFiles } from "../../contracts/layout.ts";
import { startCloud, type Cloud } from "../stand-ins/cloud.ts";
import { packedSparkJob } from "./spark-package.ts";

export const DATA = "steamer-data";
export const POINTER = "steamer-pointer";
export const OPERATOR = "operator@example.com";

/** The parts that infra/deploy makes for all shops of a project, on the local Google Cloud. */
export interface Deployment {
  cloud: Cloud;
  functionsUrl: string;
  /** The settings that locate everything. */
  place: { project: string; region: string; data: string; pointer: string; endpoints: Cloud["endpoints"] };
  /** An operator's request to the function `runs`. */
  ask(request: { shop: string; action: string; [field: string]: unknown }): Promise<Answer>;
  close(): Promise<void>;
}

export interface Answer {
  status: number;
  body: Record<string, unknown>;
}

/**
 * Starts the local Google Cloud with the functions deployed. They run in this process and read its
 * environment.
 */
export async function deploy({ jobs = true, speed = 20 } = {}): Promise<Deployment> {
  Object.assign(process.env, { METADATA_SERVER_DETECTION: "none", LOG_EXECUTION_ID: "false" });
  const cloud = await startCloud({ buckets: [DATA, POINTER], queues: [QUEUE], speed });
  const servers: Server[] = [];
  const close = async () => {
    for (const server of servers) server.close();
    await cloud.close();
  };
  try {
    for (const [name, bytes] of await packedJobs(jobs)) {
      await cloud.files.write(`gs://${DATA}/${jobFiles.folder}${name}`, bytes);
    }
    const { project, region, endpoints } = cloud;
    const bigquery = new BigQuery({ projectId: project, apiEndpoint: endpoints.bigquery! });
    await bigquery.createDataset(SCRATCH_DATASET, { location: "US" });
    const place = { project, region, data: `gs://${DATA}`, pointer: `gs://${POINTER}`, endpoints };
    setEnvironment({
      ...place,
      endpoints: Object.entries(endpoints)
        .map((pair) => pair.join("="))
        .join(),
    });
    const functionsUrl = await startFunctions(cloud, servers);
    return { cloud, functionsUrl, place, ask: (request) => askRuns(cloud, functionsUrl, request), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function setEnvironment(place: Record<string, string>): void {
  for (const [name, value] of Object.entries(place)) process.env[`STEAMER_${name.toUpperCase()}`] = value;
}

/** All functions in this process, each on its own port, behind a front that checks tokens. */
async function startFunctions(cloud: Cloud, servers: Server[]): Promise<string> {
  await import("../../functions/index.ts");
  const target: Record<string, string> = {};
  for (const name of FUNCTIONS) {
    const server = getTestServer(name);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    servers.push(server);
    target[name] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const accounts = (["tasks", "scheduler"] as const).map((role) => accountEmail(role, cloud.project));
  return (await cloud.platform({ target, invokers: [...accounts, OPERATOR] })).url;
}

async function askRuns(cloud: Cloud, functionsUrl: string, request: object): Promise<Answer> {
  const url = `${functionsUrl}/runs`;
  const token = await cloud.identity.token({ audience: url, email: OPERATOR });
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(request) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/**
 * The content of jobs/ after a deployment: the packed Spark job, and the spec of the flex template.
 */
async function packedJobs(spark: boolean): Promise<[string, Uint8Array | string][]> {
  const metadata = JSON.parse(readFileSync("templates/metadata.json", "utf8")) as object;
  const spec = { image: "steamer/load:here", sdkInfo: { language: "PYTHON" }, metadata };
  return [...(spark ? await packedSparkJob() : []), ["load-template.json", JSON.stringify(spec)]];
}
