import { parametersOf, tableReferences, type Query } from "./sql.ts";
import { Failure } from "../platform/faults.ts";

/** A part of BigQuery's table resource. */
interface TableResource {
  tableReference: { projectId: string; datasetId: string; tableId: string };
  lastModifiedTime?: string;
  expirationTime?: string;
}

/** BigQuery bills whole mebibytes, and at least this for a query that reads anything. */
const LEAST_BILLED = 10 * 2 ** 20;

/** Facts about tables that the emulator does not keep: sizes, last changes, expiries. */
export class BigQueryTables {
  readonly #backend: string;
  readonly #modified = new Map<string, number>();
  readonly #expires = new Map<string, string>();

  constructor(backend: string) {
    this.#backend = backend;
  }

  /** The rows of a table have changed. */
  touch(table: string): void {
    this.#modified.set(table, Date.now());
  }

  touchDestination(reference?: TableResource["tableReference"]): void {
    if (reference) this.touch(pathOf(reference));
  }

  keepExpiration(asked: Partial<TableResource>, { tableReference }: TableResource): void {
    if (asked.expirationTime) this.#expires.set(pathOf(tableReference), asked.expirationTime);
  }

  /** A table's resource, with the facts that the emulator lacks. */
  async describe(resource: TableResource): Promise<TableResource> {
    const table = pathOf(resource.tableReference);
    const { rows, bytes } = await this.#size(table);
    const modified = Math.max(Number(resource.lastModifiedTime ?? 0), this.#modified.get(table) ?? 0);
    const expires = this.#expires.get(table);
    const known = { numRows: String(rows), numBytes: String(bytes), lastModifiedTime: String(modified) };
    return { ...resource, ...known, ...(expires && { expirationTime: expires }) };
  }

  /**
   * The bytes that a query reads: all bytes of all its tables. Of wildcard tables only those count
   * that pass constant conditions on _TABLE_SUFFIX. (Production counts only the columns that are
   * read.)
   */
  async bytesProcessed(project: string, query: Query): Promise<number> {
    const parameters = parametersOf(query);
    let total = 0;
    for (const reference of tableReferences(query.query, project, query.defaultDataset)) {
      for (const table of await this.#expand(reference.table, reference.suffixes(parameters))) {
        total += (await this.#size(table)).bytes;
      }
    }
    return total;
  }

  static bytesBilled(processed: number): number {
    return processed === 0 ? 0 : Math.max(LEAST_BILLED, Math.ceil(processed / 2 ** 20) * 2 ** 20);
  }

  /** @throws Failure as production does for a dataset outside the job's location. */
  async checkLocation(project: string, query: Query, location: string): Promise<void> {
    for (const { table } of tableReferences(query.query, project, query.defaultDataset)) {
      const [owner, dataset] = table.split(".");
      const found = await this.#get<{ location?: string }>(`projects/${owner}/datasets/${dataset}`);
      if (!found?.location || found.location.toUpperCase() === location.toUpperCase()) continue;
      throw new Failure(
        "NOT_FOUND",
        `Not found: Dataset ${owner}:${dataset} was not found in location ${location}`,
      );
    }
  }

  /** The location of the first dataset that a query reads: the job's default location. */
  async locationOf(project: string, query: Query): Promise<string> {
    const [first] = tableReferences(query.query, project, query.defaultDataset);
    const [owner, dataset] = first?.table.split(".") ?? [];
    if (!first) return "US";
    return (
      (await this.#get<{ location?: string }>(`projects/${owner}/datasets/${dataset}`))?.location ?? "US"
    );
  }

  async #expand(table: string, wanted: (suffix: string) => boolean): Promise<string[]> {
    if (!table.endsWith("*")) return [table];
    const [project, dataset, prefix] = table.slice(0, -1).split(".");
    const path = `projects/${project}/datasets/${dataset}/tables?maxResults=10000`;
    const { tables = [] } = (await this.#get<{ tables?: TableResource[] }>(path)) ?? {};
    const names = tables
      .map((found) => found.tableReference.tableId)
      .filter((name) => name.startsWith(prefix!));
    return names
      .filter((name) => wanted(name.slice(prefix!.length)))
      .map((name) => `${project}.${dataset}.${name}`);
  }

  /** Rows, and bytes as the length of their JSON: the same for the same rows. */
  async #size(table: string): Promise<{ rows: number; bytes: number }> {
    const query = `SELECT COUNT(*), COALESCE(SUM(LENGTH(TO_JSON_STRING(t))), 0) FROM \`${table}\` t`;
    const answer = await fetch(`${this.#backend}/bigquery/v2/projects/${table.split(".")[0]}/queries`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, useLegacySql: false }),
    });
    const { rows = [] } = (await answer.json()) as { rows?: { f: { v: string }[] }[] };
    const [count, bytes] = rows[0]?.f.map(({ v }) => Number(v)) ?? [0, 0];
    return { rows: count!, bytes: bytes! };
  }

  async #get<T>(path: string): Promise<T | undefined> {
    const answer = await fetch(`${this.#backend}/bigquery/v2/${path}`);
    return answer.ok ? ((await answer.json()) as T) : undefined;
  }
}

const pathOf = ({ projectId, datasetId, tableId }: TableResource["tableReference"]) =>
  `${projectId}.${datasetId}.${tableId}`;
