import { glob, readdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { Problem } from "../../../../contracts/problem.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import { datedName } from "./file-names.ts";
import { contentOf, type Packing, type Unreadable } from "./first-bytes.ts";
import { withoutOtherTables } from "./other-tables.ts";
import { unreadable } from "./unreadable.ts";

export type EventFormat = "parquet" | "ndjson" | "csv";

export interface EventFile {
  path: string;
  format: EventFormat;
  /** Null for text as it is, and for Parquet. */
  packing: Packing | null;
  bytes: number;
  /** The day in its name, `events_20261121.ndjson.gz`: `2026-11-21`. Its rows may be of others. */
  day?: string;
  /** What comes before the day: `events_`. */
  series?: string;
}

export interface IgnoredFile {
  path: string;
  why: string;
}

const FORMATS: Record<string, EventFormat> = {
  parquet: "parquet",
  ndjson: "ndjson",
  jsonl: "ndjson",
  json: "ndjson",
  csv: "csv",
  tsv: "csv",
  txt: "csv",
};
const KNOWN = ".parquet, .ndjson, .jsonl, .json, .csv, .tsv, .txt (the text ones also with .gz or .zst)";

/**
 * The event files behind paths, folders (searched through, without hidden files) and globs, sorted
 * by path, each once.
 * @throws Problem for a missing path, for a directly named file of unknown kind, and when there is
 * no event file.
 */
export async function findEventFiles({
  events,
  intraday,
}: Pick<Settings, "events" | "intraday">): Promise<{ files: EventFile[]; ignored: IgnoredFile[] }> {
  if (events.length === 0) throw nothingNamed();
  const files = new Map<string, EventFile>();
  const ignored = new Map<string, IgnoredFile>();
  for (const place of events) {
    const named = await pathsAt(place);
    for (const path of named.paths) {
      const key = resolve(path);
      const format = formatOf(path);
      if (format) files.set(key, await describeFile(path, format));
      else if (named.directly) throw await unknownKind(path);
      else ignored.set(key, { path, why: `not an event file: those end in ${KNOWN}` });
    }
  }
  const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1);
  const wanted = withoutOtherTables([...files.values()], intraday);
  const found = {
    files: wanted.files.sort(byPath),
    ignored: [...ignored.values(), ...wanted.ignored].sort(byPath),
  };
  if (found.files.length === 0) throw nothingToRead(events, found.ignored);
  return found;
}

async function pathsAt(place: string): Promise<{ paths: string[]; directly: boolean }> {
  const found = await stat(place).catch(() => undefined);
  if (found?.isDirectory()) return { paths: await filesBelow(place), directly: false };
  if (found) return { paths: [place], directly: true };
  const paths: string[] = [];
  for await (const path of glob(place)) {
    if ((await stat(path)).isDirectory()) paths.push(...(await filesBelow(path)));
    else paths.push(path);
  }
  if (paths.length === 0) throw notThere(place);
  return { paths, directly: false };
}

async function filesBelow(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for (const name of await readdir(folder)) {
    if (name.startsWith(".")) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory()) paths.push(...(await filesBelow(path)));
    else if (found?.isFile()) paths.push(path);
  }
  return paths;
}

function formatOf(path: string): EventFormat | undefined {
  const [, extension, packed] = /\.([a-z]+)(\.gz|\.zstd?)?$/i.exec(basename(path)) ?? [];
  const format = FORMATS[extension?.toLowerCase() ?? ""];
  return format === "parquet" && packed ? undefined : format;
}

/** @throws Problem for what its first bytes show to be no text and no Parquet. */
async function describeFile(path: string, named: EventFormat): Promise<EventFile> {
  const { size: bytes } = await stat(path);
  const content = await contentOf(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (content !== null && typeof content === "object") throw notRead(path, content);
  const format = content === "parquet" ? "parquet" : named;
  const packing = content === "gzip" || content === "zstd" ? content : null;
  return { path, format, packing, bytes, ...datedName(path) };
}

const notRead = (path: string, { is, next }: Unreadable) =>
  new Problem({ doing: `Reading ${path}`, why: is, next });

function nothingNamed(): Problem {
  return new Problem({
    doing: "Looking for events",
    why: "no event files are named",
    next: "Name files, folders or globs with --events PATH…",
  });
}

function notThere(place: string): Problem {
  return new Problem({
    doing: `Looking for events in ${place}`,
    why: "there is no such file or folder, and as a glob it matches nothing",
    next: "Check the path given to --events",
  });
}

async function unknownKind(path: string): Promise<Problem> {
  const content = await contentOf(path).catch(() => null);
  if (content !== null && typeof content === "object") return notRead(path, content);
  return new Problem({
    doing: `Reading ${path}`,
    why: "its name does not say what it is",
    next: `Name the file by its kind: ${KNOWN}`,
  });
}

function nothingToRead(events: readonly string[], ignored: IgnoredFile[]): Problem {
  const [first] = ignored;
  return new Problem({
    doing: `Looking for events in ${events.join(", ")}`,
    why: first
      ? `there are no event files; ${first.path} was left out: ${first.why}`
      : "there are no event files",
    next: "Name the files, their folder, or a glob with --events",
  });
}
