import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import type { DuckDBConnection } from "@duckdb/node-api";
import { fileLiteral, identifier, literal, query } from "../duckdb.ts";
import { MOST_COLUMNS } from "../most-columns.ts";
import type { OpenFeed } from "./feed-rows.ts";
import { requireProportion } from "../gunzipped.ts";
import { asking, noList, reading, unreadable } from "./unreadable.ts";
import { loadXml } from "./xml.ts";

/** Bytes at the beginning of a file that tell its format. */
const HEAD_BYTES = 1 << 16;
/** An .xlsx file is a ZIP archive. */
const ZIP = "PK\u0003\u0004";
/** A description with pictures in it is long. */
const LONGEST_LINE = 16 * 2 ** 20;

/**
 * Opens a catalogue by its first bytes, whatever its name.
 * @throws Problem for a file that cannot be read.
 */
export async function openFeed(connection: DuckDBConnection, path: string): Promise<OpenFeed> {
  const { head, isGzip } = await readHead(path);
  if (head.startsWith("PAR1")) return openParquet(connection, path);
  const text = head.replace(/^\uFEFF/, "").trimStart();
  if (text === "") throw unreadable(path, "it is empty", "export the catalogue again");
  if (head.startsWith(ZIP))
    throw unreadable(path, "it is a spreadsheet or a ZIP archive", "save it as CSV (UTF-8)");
  if (text.startsWith("<")) return loadXml(connection, path, isGzip);
  if (isGzip) await asking(path, () => requireProportion(reading(path), path));
  const compression = `compression = ${isGzip ? "'gzip'" : "'uncompressed'"}`;
  return /^[{[]/.test(text)
    ? openJson(connection, path, compression)
    : openTable(connection, path, text, compression);
}

/** @throws Problem when there is no such file, so that a night need not find out at its end. */
export async function requireFeed(path: string | undefined): Promise<void> {
  if (path !== undefined) await readHead(path);
}

async function readHead(path: string): Promise<{ head: string; isGzip: boolean }> {
  try {
    const start = await firstBytes(createReadStream(path, { end: HEAD_BYTES - 1 }));
    const isGzip = start[0] === 0x1f && start[1] === 0x8b;
    if (!isGzip) return { head: start.toString("utf8"), isGzip };
    const unzipped = createReadStream(path).pipe(createGunzip());
    return { head: (await firstBytes(unzipped)).toString("utf8"), isGzip };
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no such file" : message;
    throw unreadable(path, why, "check the path given to --catalogue", cause);
  }
}

async function firstBytes(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    if ((bytes += chunk.length) >= HEAD_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, HEAD_BYTES);
}

/**
 * Whole numbers keep no decimals: the id 4711 of a DOUBLE column is no 4711.0. NaN stands for
 * nothing. Lists are JSON.
 */
async function openParquet(connection: DuckDBConnection, path: string): Promise<OpenFeed> {
  const file = `read_parquet(${fileLiteral(path)}, hive_partitioning = false)`;
  const described = await describe(connection, path, file);
  const cells = described.map(({ name, type }) => {
    const column = identifier(name);
    if (type.endsWith("[]")) return `to_json(${column})::VARCHAR AS ${column}`;
    if (/^(DOUBLE|FLOAT|DECIMAL)/.test(type))
      return `nullif(regexp_replace(${column}::VARCHAR, '\\.0+$', ''), 'nan') AS ${column}`;
    return `${column}::VARCHAR AS ${column}`;
  });
  return numbered(`SELECT ${cells.join(", ")} FROM ${file}`, described);
}

/** One object a line, or one array of objects. */
async function openJson(connection: DuckDBConnection, path: string, compression: string): Promise<OpenFeed> {
  const objects = `read_json_objects(${fileLiteral(path)}, format = 'auto', ignore_errors = true,
    maximum_object_size = ${LONGEST_LINE}, ${compression})`;
  const keys = await asking(path, () =>
    query<{ name: string }>(
      connection,
      `SELECT DISTINCT unnest(TRY(json_keys(json))) AS name FROM (FROM ${objects} LIMIT 10000) ORDER BY name`,
    ),
  );
  const cells = keys.map(({ name }) => {
    const pointer = `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    return `json_extract_string(json, ${literal(pointer)}) AS ${identifier(name)}`;
  });
  const rows = `SELECT ${cells.join(", ") || "NULL AS nothing"} FROM ${objects} WHERE json IS NOT NULL`;
  return {
    ...numbered(rows, keys),
    malformed: `SELECT count(*)::INTEGER AS n FROM ${objects} WHERE json IS NULL`,
  };
}

/** CSV or TSV. All cells are texts: the id 007 stays as it is. */
async function openTable(
  connection: DuckDBConnection,
  path: string,
  head: string,
  compression: string,
): Promise<OpenFeed> {
  const [header] = head.split(/\r?\n/, 1);
  const count = (sign: string) => header.split(sign).length;
  const delimiter = ["\t", ";", ",", "|"].reduce((best, next) => (count(next) > count(best) ? next : best));
  if (count(delimiter) > MOST_COLUMNS) throw noList(path, header.split(delimiter));
  const file = `read_csv(${fileLiteral(path)}, all_varchar = true, header = true, delim = ${literal(delimiter)},
    quote = '"', escape = '"', strict_mode = false, null_padding = true, parallel = false, ignore_errors = true,
    store_rejects = true, max_line_size = ${LONGEST_LINE}, ${compression})`;
  const malformed = "SELECT count(DISTINCT line)::INTEGER AS n FROM reject_errors";
  return { ...numbered(`SELECT * FROM ${file}`, await describe(connection, path, file)), malformed };
}

const numbered = (rows: string, columns: readonly { name: string }[]): OpenFeed => ({
  from: `(SELECT row_number() OVER () AS line, * FROM (${rows}))`,
  columns: columns.map(({ name }) => name),
});

async function describe(connection: DuckDBConnection, path: string, file: string) {
  const sql = `SELECT column_name AS name, column_type AS type FROM (DESCRIBE SELECT * FROM ${file})`;
  return asking(path, () => query<{ name: string; type: string }>(connection, sql));
}
