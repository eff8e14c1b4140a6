import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { cloudFeed } from "../../../contracts/catalogue.ts";
import type { FeedMetrics } from "../../../contracts/metrics.ts";
import { Problem } from "../../../contracts/problem.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import type { StageContext } from "../../../night/run/stage.ts";
import { openItemAliases } from "../../item-aliases.ts";
import { readFeed } from "../../local/feed/read-feed.ts";
import { attemptLabels } from "../attempt.ts";
import { limitsOf } from "../bigquery-jobs.ts";
import { asking } from "../failures.ts";
import { download } from "./download.ts";
import { downloadTable } from "./table-feed.ts";

/**
 * Reads the shop's catalogue into a table, as a night on one machine reads a file: see readFeed.
 * @param folder for a copy of it
 */
export async function readFeedInCloud(
  connection: DuckDBConnection,
  { manifest, settings }: Pick<StageContext, "manifest" | "settings">,
  source: string,
  folder: string,
): Promise<FeedMetrics> {
  const aliases = await openItemAliases(settings);
  const place = { settings, source, folder, labels: attemptLabels(manifest, "load") };
  const { found, billed } = await withCopy(place, (path) => readFeed(connection, path, settings, aliases));
  return { ...found, source, ...billed };
}

/** A catalogue on Google Cloud, and a folder for a copy of it. */
interface CloudSource {
  settings: Settings;
  source: string;
  folder: string;
  /** Of the query that reads a table. */
  labels: Record<string, string>;
}

/**
 * Copies an object's bytes, or a table's rows, to a file, and reads that.
 * @throws Problem when it is neither, or cannot be read.
 */
export async function withCopy<T>(
  { settings, source, folder, labels }: CloudSource,
  read: (path: string) => Promise<T>,
): Promise<{ found: T; billed: Pick<FeedMetrics, "bytesBilled"> }> {
  const feed = cloudFeed(source);
  if (!feed) throw noFeed(source);
  const copy = join(folder, "feed");
  const billed: Pick<FeedMetrics, "bytesBilled"> = {};
  if (feed.kind === "table")
    billed.bytesBilled = await downloadTable(settings, feed, limitsOf(settings, labels), copy);
  else {
    const next = "check that it is there, and that you, or at night the account steamer-load, may read it";
    await asking(`Reading the catalogue ${source}`, next, () => download(settings, feed, copy));
  }
  try {
    return { found: await read(copy), billed };
  } catch (error) {
    throw error instanceof Problem ? renamed(error, copy, source) : error;
  }
}

/** The same reason, of the source and not of its copy. */
const renamed = ({ doing, why, next, cause }: Problem, copy: string, source: string) =>
  new Problem({ doing: doing.replace(copy, source), why: why.replaceAll(copy, source), next, cause });

function noFeed(source: string): Problem {
  const why = "on Google Cloud a catalogue is an object or a table";
  const next = "set catalogue to gs://<bucket>/<path>, or to <project>.<dataset>.<table>";
  return new Problem({ doing: `Reading the catalogue ${source}`, why, next });
}
