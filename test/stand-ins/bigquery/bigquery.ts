import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { BigQueryJobs } from "./jobs.ts";
import { BigQueryTables } from "./tables.ts";
import { freePort, type Children } from "../platform/child.ts";
import type { Faults } from "../platform/faults.ts";
import {
  forward,
  json,
  serveHttp,
  type HttpAnswer,
  type HttpRequest,
  type HttpServer,
} from "../platform/http.ts";
import { standInsPython, type Storage } from "../storage/storage.ts";

/**
 * BigQuery: bqemulator (DuckDB) behind a proxy that adds missing features, and joins it to the
 * bucket.
 */
export async function startBigQuery(
  children: Children,
  faults: Faults,
  storage: Storage,
  project: string,
): Promise<HttpServer> {
  const folder = mkdtempSync(join(tmpdir(), "steamer-bigquery-"));
  const backend = await startEmulator(children, folder, project);
  const tables = new BigQueryTables(backend);
  const jobs = new BigQueryJobs({ backend, folder, faults, tables, files: storage.files });
  const server = await serveHttp((request) =>
    faults.around(`BigQuery.${callOf(request)}`, request, () => answer(backend, jobs, tables, request)),
  );
  const close = async () => {
    jobs.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { url: server.url, close };
}

async function startEmulator(children: Children, folder: string, project: string): Promise<string> {
  const [rest, grpc] = [await freePort(), await freePort()];
  const python = standInsPython();
  const command = join(dirname(python), "bqemulator");
  const ports = ["--rest-port", String(rest), "--grpc-port", String(grpc)];
  const env = {
    HOME: homeWithExtensions(python),
    BQEMU_GCS_LOCAL_ROOT: folder,
    BQEMU_ENABLE_FORMAT_EXTENSIONS: "false",
  };
  const args = ["start", ...ports, "--project", project, "--log-level", "info"];
  // Of its two servers gRPC listens last.
  await children.serve({ command, args, env }, /"event": "grpc\.listen"/);
  return `http://127.0.0.1:${rest}`;
}

/**
 * DuckDB looks for its extensions below the home folder. They come as wheels, and are installed
 * there once.
 */
function homeWithExtensions(python: string): string {
  const home = join(dirname(python), "../home");
  mkdirSync(home, { recursive: true });
  const script = "from duckdb_extensions import import_extension as i; i('spatial'); i('avro')";
  const { status, stderr } = spawnSync(python, ["-c", script], { env: { ...process.env, HOME: home } });
  if (status !== 0) throw new Error(`DuckDB's extensions cannot be put into ${home}: ${stderr.toString()}`);
  return home;
}

async function answer(
  backend: string,
  jobs: BigQueryJobs,
  tables: BigQueryTables,
  request: HttpRequest,
): Promise<HttpAnswer> {
  const call = callOf(request);
  if (call === "InsertJob" && !request.url.pathname.startsWith("/upload/")) return jobs.insert(request);
  if (call === "GetJob") return jobs.get(request);
  if (call === "CancelJob") return jobs.cancel(request);
  if (call === "GetQueryResults") return jobs.results(request);
  if (call === "Query") return jobs.query(request);
  const result = await forward(backend, request);
  if (result.status >= 300) return result;
  if (call === "GetTable") return json(200, await tables.describe(parsed(result)));
  if (call === "InsertAll") tables.touch(tablePath(request));
  if (call === "InsertTable" || call === "PatchTable") tables.keepExpiration(parsed(request), parsed(result));
  if (call === "InsertJob") tables.touchDestination(parsed(result).configuration?.load?.destinationTable);
  return result;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
const parsed = ({ body }: { body: Buffer | string }) => JSON.parse(body.toString() || "{}") as any;

/** project.dataset.table of a request's address. */
function tablePath({ url }: HttpRequest): string {
  const [, project, dataset, table] = /projects\/([^/]+)\/datasets\/([^/]+)\/tables\/([^/]+)/.exec(
    url.pathname,
  )!;
  return [project, dataset, table].map((part) => decodeURIComponent(part!)).join(".");
}

/** The call of a request, in Google's words. */
function callOf({ method, url: { pathname } }: HttpRequest): string {
  const found = CALLS.find(([verb, path]) => verb === method && path.test(pathname));
  return found?.[2] ?? `${method} ${pathname.replace(/^.*?\/projects\/[^/]+\//, "")}`;
}

const CALLS: [string, RegExp, string][] = [
  ["POST", /\/jobs$/, "InsertJob"],
  ["PUT", /^\/(resumable\/)?upload\/.*\/jobs$/, "InsertJob"],
  ["POST", /\/jobs\/[^/]+\/cancel$/, "CancelJob"],
  ["GET", /\/jobs\/[^/]+$/, "GetJob"],
  ["GET", /\/jobs$/, "ListJobs"],
  ["GET", /\/queries\/[^/]+$/, "GetQueryResults"],
  ["POST", /\/queries$/, "Query"],
  ["POST", /\/insertAll$/, "InsertAll"],
  ["GET", /\/tables\/[^/]+\/data$/, "ListTableData"],
  ["GET", /\/tables\/[^/]+$/, "GetTable"],
  ["GET", /\/tables$/, "ListTables"],
  ["POST", /\/tables$/, "InsertTable"],
  ["PATCH", /\/tables\/[^/]+$/, "PatchTable"],
  ["DELETE", /\/tables\/[^/]+$/, "DeleteTable"],
  ["GET", /\/datasets\/[^/]+$/, "GetDataset"],
  ["POST", /\/datasets$/, "InsertDataset"],
];
