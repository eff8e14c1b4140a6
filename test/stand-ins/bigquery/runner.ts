import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { BucketFiles } from "../storage/bucket-files.ts";
import { exportTargets, queryOf, tablesWritten, type Query } from "./sql.ts";
import { BigQueryTables } from "./tables.ts";
import { Failure, type Faults, type StatusName } from "../platform/faults.ts";
import { forward, json, type HttpAnswer, type HttpRequest } from "../platform/http.ts";

/** The part of a job's configuration that the stand-in reads. */
interface Configuration {
  dryRun?: boolean;
  query?: Query & { maximumBytesBilled?: string };
  load?: {
    sourceUris?: string[];
    destinationTable?: { projectId: string; datasetId: string; tableId: string };
  };
}

/** BigQuery's job resource. */
export interface JobResource {
  jobReference: { projectId: string; jobId: string; location: string };
  configuration: Configuration;
  status: { state: "RUNNING" | "DONE"; errorResult?: ErrorProto; errors?: ErrorProto[] };
  statistics: Record<string, any>;
}

export interface ErrorProto {
  reason: string;
  message: string;
}

/** The services that jobs use. */
export interface Parts {
  backend: string;
  /** The emulator finds gs://bucket/object below this folder. */
  folder: string;
  faults: Faults;
  tables: BigQueryTables;
  files: BucketFiles;
}

/** Executes jobs: priced beforehand, reading and writing buckets. */
export class BigQueryRunner {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async dryRun(
    request: HttpRequest,
    job: Pick<JobResource, "jobReference" | "configuration">,
  ): Promise<HttpAnswer> {
    const { query, ...rest } = job.configuration;
    const { projectId, location } = job.jobReference;
    if (query) await this.#parts.tables.checkLocation(projectId, query, location);
    // The emulator cannot analyse an EXPORT DATA statement before it runs, so it gets the query
    // alone.
    const shown = query && { ...query, query: queryOf(query.query) };
    const configuration = { ...rest, ...(shown && { query: shown }) };
    const answer = await this.#send(request, { ...job, configuration, jobReference: { projectId } });
    const priced = query ? await this.price(projectId, query) : { processed: 0 };
    const totalBytesProcessed = String(priced.processed);
    const { query: counted, ...counts } = answer.statistics;
    const statistics = { ...counts, totalBytesProcessed, query: { ...counted, totalBytesProcessed } };
    // A dry run leaves no job behind.
    return json(200, {
      ...answer,
      configuration: job.configuration,
      jobReference: { projectId, location },
      statistics,
    });
  }

  async execute(request: HttpRequest, resource: JobResource): Promise<void> {
    const { jobReference, configuration } = resource;
    const { query, load } = configuration;
    const { projectId, location } = jobReference;
    if (query) await this.#parts.tables.checkLocation(projectId, query, location);
    const { processed, billed } = query ? await this.price(projectId, query) : { processed: 0, billed: 0 };
    const targets = query ? exportTargets(query.query) : [];
    for (const target of targets) await this.#clear(target);
    const sources = load?.sourceUris && (await this.#fetch(load.sourceUris));
    const sent = sources ? { ...configuration, load: { ...load, sourceUris: sources } } : configuration;
    const answer = await this.#send(request, { jobReference, configuration: sent });
    if (answer.status.errorResult) throw failureOf(answer.status.errorResult);
    for (const { uri } of targets) await this.#upload(uri);
    const totalBytesProcessed = String(processed);
    const { query: counted, ...statistics } = answer.statistics;
    // The job's creation is the time of the request, not of the emulator's start.
    const { creationTime, startTime } = resource.statistics;
    Object.assign(resource.statistics, statistics, { totalBytesProcessed, creationTime, startTime });
    const bytes = { totalBytesProcessed, totalBytesBilled: String(billed) };
    if (query) resource.statistics["query"] = { ...counted, ...bytes };
  }

  /** @throws Failure when it would cost more than the limit. */
  async price(projectId: string, query: Query & { maximumBytesBilled?: string }) {
    const processed = await this.#parts.tables.bytesProcessed(projectId, query);
    const billed = BigQueryTables.bytesBilled(processed);
    const limit = query.maximumBytesBilled;
    if (limit === undefined || billed <= Number(limit)) return { processed, billed };
    const message = `Query exceeded limit for bytes billed: ${limit}. ${billed} or higher required.`;
    throw new Failure("INVALID_ARGUMENT", message, { reason: "bytesBilledLimitExceeded" });
  }

  touch(projectId: string, { query, load }: Configuration): void {
    const written = query ? tablesWritten(query.query, projectId, query.defaultDataset) : [];
    for (const table of written) this.#parts.tables.touch(table);
    this.#parts.tables.touchDestination(load?.destinationTable);
  }

  /** @throws Failure with the emulator's reason. */
  async #send(request: HttpRequest, body: unknown): Promise<JobResource> {
    const answer = await forward(this.#parts.backend, {
      ...request,
      body: Buffer.from(JSON.stringify(body)),
    });
    const result = JSON.parse(answer.body.toString()) as JobResource & {
      error?: { message: string; errors: ErrorProto[] };
    };
    if (answer.status === 200) return result;
    throw failureOf(result.error?.errors[0] ?? { reason: "internalError", message: answer.body.toString() });
  }

  /**
   * An export fails when objects of its name exist, unless it may overwrite them. The emulator's
   * own files from earlier exports go first.
   */
  async #clear({ uri, overwrite }: { uri: string; overwrite: boolean }): Promise<void> {
    for (const path of this.#exported(uri)) rmSync(path);
    const there = await this.#parts.files.list(uri);
    if (overwrite || there.length === 0) return;
    const message = `Invalid value: Destination ${there[0]} already exists; set overwrite=true to replace it`;
    throw new Failure("INVALID_ARGUMENT", message, { reason: "invalid" });
  }

  async #upload(uri: string): Promise<void> {
    for (const path of this.#exported(uri)) {
      const name = path.slice(this.#parts.folder.length + 1);
      await this.#parts.files.write(`gs://${name}`, readFileSync(path));
    }
  }

  /** The files of an export's name that the emulator has written. */
  #exported(uri: string): string[] {
    const [prefix = "", suffix = ""] = join(this.#parts.folder, uri.slice(5)).split("*");
    const folder = prefix.endsWith("/") ? prefix.slice(0, -1) : dirname(prefix);
    const paths = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
    return paths.filter((path) => path.startsWith(prefix) && path.endsWith(suffix));
  }

  async #fetch(patterns: string[]): Promise<string[]> {
    const uris: string[] = [];
    for (const pattern of patterns) {
      const found = await this.#parts.files.list(pattern);
      if (found.length === 0)
        throw new Failure("NOT_FOUND", `Not found: URI ${pattern}`, { reason: "notFound" });
      uris.push(...found);
    }
    // DuckDB would take a folder `day=...` for a column.
    const plain = uris.map((uri) => uri.replaceAll("=", "-"));
    for (const [k, uri] of uris.entries()) {
      await this.#parts.files.download(uri, join(this.#parts.folder, plain[k]!.slice("gs://".length)));
    }
    return plain;
  }
}

export function failureOf({ reason, message }: ErrorProto): Failure {
  const codes: Record<string, StatusName> = { notFound: "NOT_FOUND", accessDenied: "PERMISSION_DENIED" };
  const code = codes[reason] ?? "INVALID_ARGUMENT";
  return new Failure(code, message, { reason });
}
