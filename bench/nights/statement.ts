import { fileLiteral, literal } from "../../adapters/local/duckdb.ts";
import type { Input } from "./inputs.ts";

/**
 * What anybody would write by hand for a night's interactions: one statement that reads the files,
 * unnests, leaves out what does not count, groups, and writes Parquet. It keeps nothing aside, and
 * proves nothing.
 */
export const plainStatement = ({ shape, files }: Input, target: string): string =>
  statement(SOURCES[shape], files, target);

/**
 * A statement for the same rows that may be slower, where the plain one is wrong: with
 * ignore_errors, read_json loses the good line after one that is cut behind a colon.
 */
export const carefulStatement = ({ shape, files }: Input, target: string): string | undefined =>
  shape === "ga4-ndjson" ? statement(ga4Objects, files, target) : undefined;

function statement(rowsOf: (files: string) => string, files: string[], target: string): string {
  return `COPY (
    SELECT "user", item, event, count(*) AS count, max(micros) AS "lastAt", CAST(day AS VARCHAR) AS day
    FROM (${rowsOf(`[${files.map(fileLiteral).join(", ")}]`)})
    WHERE item <> '' AND item <> '(not set)' AND "user" <> '' AND coalesce(quantity, 1) > 0
    GROUP BY ALL
  ) TO ${literal(target)} (FORMAT parquet, COMPRESSION zstd)`;
}

const COUNTS = "event IN ('view_item', 'add_to_cart', 'purchase')";

const GA4_COLUMNS = {
  event_date: "VARCHAR",
  event_timestamp: "BIGINT",
  event_name: "VARCHAR",
  user_id: "VARCHAR",
  user_pseudo_id: "VARCHAR",
};

const SOURCES = {
  "ga4-ndjson": (files: string) =>
    ga4(`read_json(${files}, format = 'newline_delimited', ignore_errors = true, columns = {
      ${Object.entries(GA4_COLUMNS)
        .map(([name, type]) => `${name}: '${type}'`)
        .join(", ")},
      items: 'STRUCT(item_id VARCHAR, quantity DOUBLE)[]'})`),
  "ga4-parquet": (files: string) => ga4(`read_parquet(${files})`),
  csv: (files: string) =>
    flat(`read_csv(${files}, auto_detect = false, header = true, columns = {
      user_id: 'VARCHAR', item_id: 'VARCHAR', event: 'VARCHAR', time: 'TIMESTAMP', quantity: 'DOUBLE',
      name: 'VARCHAR', category: 'VARCHAR', price: 'DOUBLE'})`),
  parquet: (files: string) => flat(`read_parquet(${files})`),
};

const ga4Objects = (files: string) => {
  const structure = JSON.stringify({ ...GA4_COLUMNS, items: [{ item_id: "VARCHAR", quantity: "DOUBLE" }] });
  return ga4(`(SELECT unnest(from_json(json, ${literal(structure)}))
    FROM read_ndjson_objects(${files}, ignore_errors = true) WHERE json IS NOT NULL)`);
};

const ga4 = (rows: string) => `
  SELECT "user", event, micros, day, entry.item_id AS item, entry.quantity AS quantity
  FROM (
    SELECT coalesce(nullif(user_id, ''), user_pseudo_id) AS "user", event_name AS event,
      event_timestamp AS micros, strptime(event_date, '%Y%m%d')::DATE AS day, unnest(items) AS entry
    FROM ${rows} WHERE ${COUNTS.replace("event", "event_name")})`;

const flat = (rows: string) => `
  SELECT user_id AS "user", event, epoch_us(time) AS micros, time::DATE AS day, item_id AS item, quantity
  FROM ${rows} WHERE ${COUNTS}`;
