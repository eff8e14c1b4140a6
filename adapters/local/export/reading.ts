import type { DuckDBConnection } from "@duckdb/node-api";
import { COLUMNS } from "../../../contracts/settings/events.ts";
import { query } from "../duckdb.ts";
import type { ChosenColumns } from "./columns/flat-columns.ts";
import { numberText } from "./rows/number.ts";
import type { Staged } from "./stage-files.ts";

/** So many kinds of files are told of, by the first files of each. */
const KINDS = 5;
const FILES = 10;

/**
 * How flat files were read, for a person: what was taken for what, and the first interaction. It
 * names nobody: of a user it shows letters as x and digits as 9.
 */
export async function howRead(connection: DuckDBConnection, { files, parts }: Staged): Promise<string[]> {
  const kinds = Map.groupBy(
    files.filter(({ opened }) => opened?.chosen),
    ({ opened }) => taken(opened!.chosen!),
  );
  const lines = [...kinds].slice(0, KINDS).map(async ([columns, same]) => {
    const more = same.length > 1 ? ` and ${same.length - 1} more files` : "";
    const some = new Set(same.slice(0, FILES).map(({ file }) => file));
    const ids = parts.filter(({ file }) => some.has(file)).map(({ id }) => id);
    return `${same[0].file.path}${more}: ${columns}; ${await first(connection, ids)}`;
  });
  return Promise.all(lines);
}

function taken({ columns, layout }: ChosenColumns): string {
  const pairs = COLUMNS.filter((column) => columns[column] !== undefined).map((column) => {
    const clock = column === "time" && columns.clock !== undefined ? `+${columns.clock}` : "";
    return `${column}=${columns[column]}${clock}`;
  });
  const baskets = /order/i.test(columns.user) ? "; no customer is named, so each order is one user" : "";
  return `${layout ? `${layout.name}: ` : ""}${pairs.join(", ")}${baskets}`;
}

interface First {
  user: string;
  item: string;
  event: string;
  at: string;
  name: string | null;
  price: string | null;
}

async function first(connection: DuckDBConnection, parts: number[]): Promise<string> {
  const [row] = await query<First>(
    connection,
    `SELECT "user", item, event, strftime(make_timestamp(micros), '%Y-%m-%dT%H:%M:%SZ') AS at, name, ${numberText("price")} AS price
     FROM staged WHERE reason IS NULL AND part IN (${parts.join(", ")}) ORDER BY part, line LIMIT 1`,
  );
  if (!row) return "no row of it counts";
  const price = row.price === null ? "" : `, price ${row.price}`;
  const name = row.name === null ? "" : ` (${row.name})`;
  return `the first is ${row.event} of ${row.item}${name}${price} at ${row.at} by a user like ${shape(row.user)}`;
}

const shape = (text: string) => text.slice(0, 40).replace(/\p{L}/gu, "x").replace(/\d/g, "9");
