import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Interaction, ItemRow } from "../../../../contracts/interactions.ts";
import { literal, openDuckDB, query } from "../../../../adapters/local/duckdb.ts";
import {
  exportEvents,
  type ExportHooks,
  type ExportRequest,
  type ExportResult,
} from "../../../../adapters/local/export/export-events.ts";

/** A folder with event files, and what an export of them gave. `using` removes it. */
export class Shop implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "steamer-events-"));
  readonly events = join(this.#folder, "events");
  readonly out = join(this.#folder, "out");
  readonly temporary = join(this.#folder, "temporary");
  readonly rejectsFile = join(this.out, "rejects.csv");

  constructor() {
    mkdirSync(this.events);
  }

  path(name: string): string {
    return join(this.events, name);
  }

  /**
   * Writes a file; one with .gz is packed. Lines may be given as a list, and as objects for NDJSON.
   */
  write(name: string, content: string | Buffer | readonly (string | object)[]): string {
    const text = Array.isArray(content)
      ? content.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n") + "\n"
      : (content as string | Buffer);
    writeFileSync(this.path(name), name.endsWith(".gz") ? gzipSync(text) : text);
    return this.path(name);
  }

  /** Writes the rows of a SQL query as Parquet. */
  async writeParquet(name: string, sql: string): Promise<string> {
    const database = await openDuckDB();
    await database.connection.run(`COPY (${sql}) TO ${literal(this.path(name))} (FORMAT parquet)`);
    database.close();
    return this.path(name);
  }

  /** For everything there is, unless the change says otherwise. */
  request(change: Partial<ExportRequest> = {}): ExportRequest {
    return {
      events: [this.events],
      map: {},
      eventNames: {},
      identity: "user_id",
      missingIds: {},
      orderStatuses: {},
      encoding: "utf-8",
      ga4Streams: [],
      ga4Hosts: [],
      days: "all",
      allowMissingDays: false,
      intraday: false,
      rejectLimit: 1,
      threads: 2,
      ...change,
    };
  }

  export(change: Partial<ExportRequest> = {}, hooks: Partial<ExportHooks> = {}): Promise<ExportResult> {
    const target = {
      interactions: join(this.out, "interactions"),
      items: join(this.out, "items"),
      rejects: this.rejectsFile,
      attempt: "1",
      temporary: this.temporary,
    };
    const quiet = { progress: () => {}, signal: new AbortController().signal };
    return exportEvents(this.request(change), target, { ...quiet, ...hooks });
  }

  interactions(): Promise<Interaction[]> {
    return this.#read("interactions", `day, "user", item, event`);
  }

  items(): Promise<ItemRow[]> {
    return this.#read("items", "day, item");
  }

  /** "user item event count" of each interaction. */
  async pairs(): Promise<string[]> {
    return (await this.interactions()).map(
      ({ user, item, event, count }) => `${user} ${item} ${event} ${count}`,
    );
  }

  rejects(): string[] {
    return existsSync(this.rejectsFile)
      ? readFileSync(this.rejectsFile, "utf8").trim().split("\n").slice(1)
      : [];
  }

  async #read<Row>(kind: string, order: string): Promise<Row[]> {
    const database = await openDuckDB();
    const files = literal(join(this.out, kind, "day=*", "export=1", "*.parquet"));
    const rows = await query<Row>(
      database.connection,
      `SELECT * REPLACE ("lastAt"::DOUBLE AS "lastAt"${kind === "items" ? "" : ", count::DOUBLE AS count"})
       FROM read_parquet(${files}, hive_partitioning = false) ORDER BY ${order}`,
    );
    database.close();
    return rows;
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The problem that a promise ends in. */
export async function problemOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no problem",
    (error: Error) => (error.name === "Problem" ? error.message : `not a Problem: ${error.stack}`),
  );
}
