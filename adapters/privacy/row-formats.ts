import { createReadStream, createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import type { DuckDBConnection } from "@duckdb/node-api";
import { fileLiteral, literal, query } from "../local/duckdb.ts";
import type { RowFormat } from "./row-files.ts";

const readParquet = (file: string) => `read_parquet(${fileLiteral(file)}, hive_partitioning = false)`;

/** Interactions as Parquet. */
export const interactionRows: RowFormat = {
  rowsOf: (connection, file, user) =>
    query(
      connection,
      `SELECT * REPLACE (count::DOUBLE AS count, "lastAt"::DOUBLE AS "lastAt") FROM ${readParquet(file)} WHERE ${isOf(user)}`,
    ),
  copyOthers: copyOtherRows,
};

/** ReviewRows as Parquet. */
export const reviewRows: RowFormat = {
  rowsOf: (connection, file, user) =>
    query(
      connection,
      `SELECT * REPLACE ("at"::DOUBLE AS "at") FROM ${readParquet(file)} WHERE ${isOf(user)}`,
    ),
  copyOthers: copyOtherRows,
};

/** Users' factors as Parquet. */
export const factorRows: RowFormat = {
  async rowsOf(connection, file, user) {
    const rows = await query<{ vector: string }>(
      connection,
      `SELECT * REPLACE (hex(vector) AS vector) FROM ${readParquet(file)} WHERE ${isOf(user)}`,
    );
    return rows.map((row) => ({ ...row, vector: floatsOf(row.vector) }));
  },
  copyOthers: copyOtherRows,
};

/** Interactions as lines of JSON, packed. */
export const interactionLines: RowFormat = {
  async rowsOf(_, file, user) {
    const rows: unknown[] = [];
    for await (const line of linesOf(file)) if (isOfUser(line, user)) rows.push(JSON.parse(line.toString()));
    return rows;
  },
  async copyOthers(_, file, user, target) {
    async function* others() {
      for await (const line of linesOf(file)) if (!isOfUser(line, user)) yield line;
    }
    await pipeline(Readable.from(others()), createGzip(), createWriteStream(target, { mode: 0o600 }));
  },
};

const isOf = (user: string) => `"user" = ${literal(user)}`;

/** Keeps columns, order and compression of a file. */
async function copyOtherRows(
  connection: DuckDBConnection,
  file: string,
  user: string,
  target: string,
): Promise<void> {
  const [{ compression }] = await query<{ compression: string }>(
    connection,
    `SELECT any_value(compression) AS compression FROM parquet_metadata(${fileLiteral(file)})`,
  );
  await connection.run(
    `COPY (SELECT * FROM ${readParquet(file)} WHERE "user" IS DISTINCT FROM ${literal(user)})
     TO ${literal(target)} (FORMAT parquet, COMPRESSION ${compression})`,
  );
}

function floatsOf(hex: string): number[] {
  const bytes = Buffer.from(hex, "hex");
  return Array.from({ length: bytes.length / 4 }, (_, k) => bytes.readFloatLE(4 * k));
}

const isOfUser = (line: Buffer, user: string) =>
  (JSON.parse(line.toString()) as { user: unknown }).user === user;

const NEW_LINE = 10;

/** The lines of a packed file, with their ends. (Node's readline would also divide at U+2028.) */
async function* linesOf(file: string): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(file).pipe(createGunzip()) as AsyncIterable<Buffer>) {
    const text = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let from = 0;
    for (let end = text.indexOf(NEW_LINE); end >= 0; end = text.indexOf(NEW_LINE, from)) {
      yield text.subarray(from, end + 1);
      from = end + 1;
    }
    rest = text.subarray(from);
  }
  if (rest.length > 0) yield rest;
}
