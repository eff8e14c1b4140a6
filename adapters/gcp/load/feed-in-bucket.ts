import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { FeedMetrics } from "../../../contracts/metrics.ts";
import { Problem } from "../../../contracts/problem.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import { openItemAliases } from "../../item-aliases.ts";
import { readFeed } from "../../local/feed/read-feed.ts";
import { asking } from "../failures.ts";
import { download } from "./download.ts";

/**
 * Reads the shop's catalogue, an object, as a night on one machine reads a file.
 * @throws Problem when it is no object, or cannot be read.
 */
export async function readFeedInBucket(
  connection: DuckDBConnection,
  settings: Settings,
  source: string,
  folder: string,
): Promise<FeedMetrics> {
  const [, bucket, path] = /^gs:\/\/([^/]+)\/(.+)$/.exec(source) ?? [];
  if (bucket === undefined || path === undefined) throw noObject(source);
  const target = join(folder, "feed");
  const next = "check that the object is there, and that the account of the load function may read it";
  await asking(`Reading the catalogue ${source}`, next, () => download(settings, { bucket, path }, target));
  try {
    const aliases = await openItemAliases(settings);
    return { ...(await readFeed(connection, target, settings, aliases)), source };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { doing, why, next, cause } = error;
    throw new Problem({
      doing: doing.replace(target, source),
      why: why.replaceAll(target, source),
      next,
      cause,
    });
  }
}

function noObject(source: string): Problem {
  const why = "on Google Cloud a catalogue is an object";
  const next = "set catalogue to gs://<bucket>/<path>; a table can be exported there (docs/CATALOGUE.md)";
  return new Problem({ doing: `Reading the catalogue ${source}`, why, next });
}
