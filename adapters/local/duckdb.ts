import { join } from "node:path";
import { totalmem } from "node:os";
import type { DuckDBConnection, DuckDBValue } from "@duckdb/node-api";
import { ROW_FILES } from "../../contracts/layout.ts";

export interface DuckDBOptions {
  /** Worker threads; 0 or absent: one for each core. */
  threads?: number;
  /**
   * The memory that DuckDB may use before it spills: "4GB". Default: 60 % of the machine's, or of
   * the container's.
   */
  memoryLimit?: string;
  /** Folder to spill to; without it nothing spills. */
  temporary?: string;
}

export interface DuckDB {
  connection: DuckDBConnection;
  /** One more connection: statements on different connections run at the same time. */
  connect(): Promise<DuckDBConnection>;
  close(): void;
}

/**
 * An in-memory DuckDB whose clock is UTC and that never downloads an extension.
 * Only this file imports DuckDB.
 */
export async function openDuckDB(options: DuckDBOptions = {}): Promise<DuckDB> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(":memory:", {
    ...(options.threads ? { threads: String(options.threads) } : {}),
    memory_limit: options.memoryLimit ?? mostOfTheMemory(),
    // DuckDB's own default is .tmp in the working directory.
    temp_directory: options.temporary ?? "",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  await connection.run("SET GLOBAL TimeZone = 'UTC'");
  return {
    connection,
    connect: () => instance.connect(),
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

function mostOfTheMemory(): string {
  // Outside a container constrainedMemory() is 0, or more than the machine has.
  const memory = Math.min(totalmem(), process.constrainedMemory() || Infinity);
  return `${Math.floor((0.6 * memory) / 2 ** 20)}MiB`;
}

/**
 * Does some work on a connection, whose statements end when the signal aborts.
 * @throws `signal.reason` then, instead of what DuckDB says.
 */
export async function untilAborted<T>(
  connection: DuckDBConnection,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const interrupt = () => connection.interrupt();
  signal.addEventListener("abort", interrupt);
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", interrupt);
  }
}

/** A text as a SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name (a column, say) as a SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The path of exactly one file, for DuckDB's readers: glob characters in the path are escaped. */
export function fileLiteral(path: string): string {
  return literal(path.replace(/[*?[]/g, "[$&]"));
}

/**
 * All rows of a query, as plain objects. BIGINT and dates arrive as text: cast them where numbers
 * are wanted.
 */
export async function query<Row>(connection: DuckDBConnection, sql: string): Promise<Row[]> {
  const reader = await connection.runAndReadAll(sql);
  return reader.getRowObjectsJson() as Row[];
}

/**
 * Parquet files below folders, as a relation. `pattern` is a glob; glob characters in a folder's
 * name are escaped.
 */
export function parquetFiles(folders: readonly string[], pattern: string = ROW_FILES.parquet): string {
  const globs = folders.map((folder) => `${fileLiteral(join(folder, "/")).slice(0, -1)}${pattern}'`);
  // The files have a column for the day: folder names must not become columns.
  return `read_parquet([${globs.join(", ")}], hive_partitioning = false)`;
}

/** Streams a query's result, chunk by chunk, as arrays of its columns' values. */
export async function eachChunk(
  connection: DuckDBConnection,
  sql: string,
  take: (columns: (readonly unknown[])[]) => void,
): Promise<void> {
  const result = await connection.stream(sql);
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) return;
    take(Array.from({ length: chunk.columnCount }, (_, k) => chunk.getColumnValues(k)));
  }
}

/** DuckDB's vector size: a chunk has at most so many rows. */
export const CHUNK_ROWS = 2048;

/** The types of appended columns. A BLOB's values are bytes. */
type ColumnType = "INTEGER" | "DOUBLE" | "VARCHAR" | "BLOB";

/** The values of each column, of the same rows. */
type Chunk = readonly (readonly Cell[] | Int32Array)[];
type Cell = number | string | Uint8Array | null;

/** Makes a temporary table, and appends chunks to it. */
export async function appendTable(
  connection: DuckDBConnection,
  table: string,
  columns: Record<string, ColumnType>,
  chunks: Iterable<Chunk> | AsyncIterable<Chunk>,
): Promise<void> {
  const named = Object.entries(columns).map(([name, type]) => `${identifier(name)} ${type}`);
  await connection.run(`CREATE OR REPLACE TEMP TABLE ${identifier(table)} (${named.join(", ")})`);
  await appendChunks(connection, table, Object.values(columns), chunks);
}

/** Appends chunks to a table with columns of these types. */
export async function appendChunks(
  connection: DuckDBConnection,
  table: string,
  columns: ColumnType[],
  chunks: Iterable<Chunk> | AsyncIterable<Chunk>,
): Promise<void> {
  const duckdb = await import("@duckdb/node-api");
  const types = columns.map((type) => duckdb[type]);
  const appender = await connection.createAppender(table);
  const valueOf = (value: Cell): DuckDBValue =>
    value instanceof Uint8Array ? duckdb.blobValue(value) : value;
  for await (const chunk of chunks) {
    const appended = duckdb.DuckDBDataChunk.create(types, chunk[0].length);
    chunk.forEach((values, k) =>
      appended.setColumnValues(
        k,
        types[k] === duckdb.BLOB ? Array.from(values, valueOf) : (values as DuckDBValue[]),
      ),
    );
    appender.appendDataChunk(appended);
  }
  appender.closeSync();
}
