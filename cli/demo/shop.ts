import { createWriteStream } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { catalogueXml, makeCatalogue, type DemoItem } from "./catalogue.ts";
import { dayLines, dayName, planShop, type DemoShop } from "./days.ts";
import { replaceFolder } from "./folder.ts";
import { checkSize, type DemoSize } from "./size.ts";

/** Raised whenever the same size gives other files, so that an older shop is made anew. */
const FORMAT = 3;
/** No reader of event files takes these two for events: one is hidden, the other is XML. */
const SUMMARY = ".shop.json";
export const CATALOGUE = "catalogue.xml";
/** GA4 updates a day's table for up to three days; its intraday table may outlive that. */
const LEFTOVER_AGE = 3;
const LEFTOVER_SHARE = 0.3;

export interface DemoHooks {
  /** The share of the work done, 0 to 1, and the current step. */
  progress(fraction: number, message: string): void;
  signal: AbortSignal;
}

/** A demo shop on disk. */
export interface WrittenShop {
  /** Names of the event files in the folder, by day; intraday leftovers last. */
  files: string[];
  /** Lines in the daily files, damaged ones included. */
  events: number;
  catalogue: DemoItem[];
}

interface Summary {
  format: number;
  size: DemoSize;
  events: number;
  /** Bytes of each file. */
  files: Record<string, number>;
}

/** The shop in a folder; undefined if it is missing, not whole, or of another size. */
export async function readDemoShop(folder: string, size: DemoSize): Promise<WrittenShop | undefined> {
  const summary = await readSummary(folder);
  if (summary?.format !== FORMAT || !sameSize(summary.size, size)) return undefined;
  for (const [file, bytes] of Object.entries(summary.files)) {
    const found = await stat(join(folder, file)).catch(() => undefined);
    if (found?.size !== bytes) return undefined;
  }
  return written(summary, makeCatalogue(size.items, size.seed));
}

/**
 * Writes a demo shop to `folder`: `events_YYYYMMDD.ndjson.gz` for each day, two intraday leftovers,
 * `catalogue.xml`, and `.shop.json`. Once it is whole, it takes the place of an older or unfinished
 * shop.
 * @throws Problem for a size that makes no shop, and for a folder that cannot be replaced; the
 * signal's reason when cancelled.
 */
export async function writeDemoShop(folder: string, size: DemoSize, hooks: DemoHooks): Promise<WrittenShop> {
  checkSize(size);
  const shop = planShop(size);
  const ours = /^(events_(intraday_)?\d{8}\.ndjson\.gz|catalogue\.(csv|xml)|\.?shop\.json)$/;
  try {
    const summary = await replaceFolder(folder, ours, (attempt) => writeFiles(attempt, shop, hooks));
    return written(summary, shop.items);
  } catch (error) {
    hooks.signal.throwIfAborted();
    throw error;
  }
}

async function writeFiles(folder: string, shop: DemoShop, { progress, signal }: DemoHooks): Promise<Summary> {
  const { size } = shop;
  const summary: Summary = { format: FORMAT, size, events: 0, files: {} };
  const write = async (file: string, day: number, share: number) => {
    const events = await writeDay(join(folder, file), shop, day, share, signal);
    summary.files[file] = (await stat(join(folder, file))).size;
    return events;
  };
  for (let day = 0; day < size.days; day++) {
    progress(day / size.days, `events of day ${day + 1} of ${size.days}`);
    summary.events += await write(`events_${dayName(size, day)}.ndjson.gz`, day, 1);
  }
  const leftover = Math.max(0, size.days - 1 - LEFTOVER_AGE);
  await write(`events_intraday_${dayName(size, leftover)}.ndjson.gz`, leftover, LEFTOVER_SHARE);
  await write(`events_intraday_${dayName(size, size.days)}.ndjson.gz`, size.days, 1);
  await writeFile(join(folder, CATALOGUE), catalogueXml(shop.items));
  await writeFile(join(folder, SUMMARY), `${JSON.stringify(summary, null, 2)}\n`);
  progress(1, `${summary.events} events`);
  return summary;
}

/** Returns the number of lines. */
async function writeDay(path: string, shop: DemoShop, day: number, share: number, signal: AbortSignal) {
  let events = 0;
  const chunks = function* () {
    events = yield* dayLines(shop, day, share);
  };
  await pipeline(Readable.from(chunks()), createGzip({ level: 1 }), createWriteStream(path), { signal });
  return events;
}

function written({ events, files }: Summary, catalogue: DemoItem[]): WrittenShop {
  return { files: Object.keys(files), events, catalogue };
}

async function readSummary(folder: string): Promise<Summary | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, SUMMARY), "utf8"));
  } catch {
    return undefined;
  }
}

const sameSize = (a: DemoSize, b: DemoSize) =>
  a.customers === b.customers &&
  a.items === b.items &&
  a.days === b.days &&
  a.lastDay === b.lastDay &&
  a.seed === b.seed;
