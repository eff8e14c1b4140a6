import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { cloudFeed } from "../../../contracts/catalogue.ts";
import type { FeedMetrics } from "../../../contracts/metrics.ts";
import { Problem } from "../../../contracts/problem.ts";
import type { StageContext } from "../../../night/run/stage.ts";
import { openItemAliases } from "../../item-aliases.ts";
import { readFeed } from "../../local/feed/read-feed.ts";
import { attemptLabels } from "../attempt.ts";
import { limitsOf } from "../bigquery-jobs.ts";
import { asking } from "../failures.ts";
import { download } from "./download.ts";
import { downloadTable } from "./table-feed.ts";

/**
 * Reads the shop's catalogue, an object or a table, as a night on one machine reads a file.
 * @throws Problem when it is neither, or cannot be read.
 */
export async function readFeedInCloud(
  connection: DuckDBConnection,
  { manifest, settings }: Pick<StageContext, "manifest" | "settings">,
  source: string,
  folder: string,
): Promise<FeedMetrics> {
  const feed = cloudFeed(source);
  if (!feed) throw noFeed(source);
  const target = join(folder, "feed");
  const billed: Pick<FeedMetrics, "bytesBilled"> = {};
  if (feed.kind === "table") {
    const limits = limitsOf(settings, attemptLabels(manifest, "load"));
    billed.bytesBilled = await downloadTable(settings, feed, limits, target);
  } else {
    const next = "check that the object is there, and that the account of the load function may read it";
    await asking(`Reading the catalogue ${source}`, next, () => download(settings, feed, target));
  }
  try {
    const aliases = await openItemAliases(settings);
    return { ...(await readFeed(connection, target, settings, aliases)), source, ...billed };
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

function noFeed(source: string): Problem {
  const why = "on Google Cloud a catalogue is an object or a table";
  const next = "set catalogue to gs://<bucket>/<path>, or to <project>.<dataset>.<table>";
  return new Problem({ doing: `Reading the catalogue ${source}`, why, next });
}
