import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { literal, openDuckDB, type DuckDB } from "../../adapters/local/duckdb.ts";
import { writeDemoShop } from "../../cli/demo/shop.ts";
import { DEMO_SIZE, EVENTS_PER_CUSTOMER } from "../../cli/demo/size.ts";
import { addDays } from "../../night/run/day.ts";
import { DAYS, flatRows, ga4Lines, ga4Rows, LAST_DAY, makeEvents } from "./make-events.ts";

export const INPUT_NAMES = ["ga4-ndjson", "ga4-parquet", "csv", "parquet", "demo"] as const;
export type InputName = (typeof INPUT_NAMES)[number];

/** Files of events: the same content always for the same name and size. */
export interface Input {
  shape: "ga4-ndjson" | "ga4-parquet" | "csv" | "parquet";
  files: string[];
  bytes: number;
}

/** Part of a folder's name: raise it when a change here or in make-events.ts changes the data. */
const VERSION = 1;
const CACHE = join(import.meta.dirname, "../../.cache/bench");

/** Many small files against one: 800 of 30 rows. */
export const SMALL_FILES = 800;
const ROWS_OF_A_SMALL_FILE = 30;

/** The files of an input, made when missing. */
export async function inputOf(name: InputName, events: number): Promise<Input> {
  const shape = name === "demo" ? "ga4-ndjson" : name;
  return { shape, ...(await files(`${name}-${events}`, (folder) => write(name, events, folder))) };
}

/** The same 24,000 rows of CSV, as many files or as one. */
export async function smallFiles(which: "many" | "one"): Promise<Input> {
  const made = await files(`${which}-small`, (folder) =>
    withEvents(SMALL_FILES * ROWS_OF_A_SMALL_FILE, async (db) => {
      const rows = SMALL_FILES * ROWS_OF_A_SMALL_FILE;
      const size = which === "one" ? rows : ROWS_OF_A_SMALL_FILE;
      await db.connection.run(`CREATE TABLE flat AS ${flatRows} LIMIT ${rows}`);
      for (let from = 0; from < rows; from += size) {
        const file = join(folder, `part-${String(from / size).padStart(4, "0")}.csv`);
        await copy(db, `SELECT * FROM flat LIMIT ${size} OFFSET ${from}`, file, "FORMAT csv, HEADER");
      }
    }),
  );
  return { shape: "csv", ...made };
}

/** A full folder of the cache, and its event files. */
async function files(name: string, fill: (folder: string) => Promise<unknown>) {
  const folder = join(CACHE, `night-${name}-v${VERSION}`);
  if (!existsSync(folder)) {
    // Written beside its place and renamed, so that an existing folder is always whole.
    const unfinished = `${folder}.${process.pid}`;
    mkdirSync(unfinished, { recursive: true });
    await fill(unfinished);
    renameSync(unfinished, folder);
  }
  const isEvents = (file: string) => /^(events_2\d+|part-\d+)\./.test(file);
  const paths = readdirSync(folder)
    .filter(isEvents)
    .sort()
    .map((file) => join(folder, file));
  return { files: paths, bytes: paths.reduce((sum, path) => sum + statSync(path).size, 0) };
}

async function write(name: InputName, events: number, folder: string): Promise<void> {
  if (name === "demo") {
    const size = { ...DEMO_SIZE, customers: Math.ceil(events / EVENTS_PER_CUSTOMER) };
    await writeDemoShop(folder, size, { progress: () => {}, signal: new AbortController().signal });
    return;
  }
  await withEvents(events, async (db) => {
    if (name === "csv") return copy(db, flatRows, join(folder, "part-0.csv"), "FORMAT csv, HEADER");
    if (name === "parquet") return copy(db, flatRows, join(folder, "part-0.parquet"), PARQUET);
    for (let day = addDays(LAST_DAY, 1 - DAYS); day <= LAST_DAY; day = addDays(day, 1)) {
      const file = join(folder, `events_${day.replaceAll("-", "")}`);
      if (name === "ga4-parquet") await copy(db, ga4Rows(day), `${file}.parquet`, PARQUET);
      else await copy(db, ga4Lines(day), `${file}.ndjson.gz`, LINES);
    }
  });
}

async function withEvents(events: number, use: (db: DuckDB) => Promise<void>): Promise<void> {
  const db = await openDuckDB({ temporary: join(CACHE, "spill") });
  try {
    await makeEvents(db, events);
    await use(db);
  } finally {
    db.close();
  }
}

const PARQUET = "FORMAT parquet, COMPRESSION zstd";
/** Lines as they are: no quotes, and a delimiter that does not occur. */
const LINES = "FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01', COMPRESSION gzip";

async function copy({ connection }: DuckDB, select: string, file: string, format: string) {
  await connection.run(`COPY (${select}) TO ${literal(file)} (${format})`);
}
