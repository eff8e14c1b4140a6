import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { CloudFeed } from "../../../contracts/catalogue.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import * as jobs from "../bigquery-jobs.ts";
import { asking } from "../failures.ts";

const MAY_READ =
  "check that it is there, in `location`, and that the account of the load function may read it: roles/bigquery.dataViewer";

/**
 * Copies a table's or view's rows to a file: one object of JSON a line. It is packed, since files
 * take memory in a function.
 * @returns the bytes that BigQuery bills
 * @throws Problem when it would bill more than the limit, or the table cannot be read.
 */
export async function downloadTable(
  settings: Settings,
  { project, dataset, table }: Extract<CloudFeed, { kind: "table" }>,
  limits: jobs.JobLimits,
  target: string,
): Promise<number> {
  const name = `${project}.${dataset}.${table}`;
  const what = `the catalogue ${name}`;
  const doing = `Reading ${what}`;
  const client = await jobs.openBigQuery(settings);
  // BigQuery knows best how to write its types. Lists stay lists.
  const query = { query: `SELECT TO_JSON_STRING(item) AS line FROM \`${name}\` AS item` };
  const estimate = await jobs.estimateBytes(client, query, what);
  jobs.refuseIfDear(estimate, settings, doing, "name a view of the columns that count");
  const [job] = await asking(doing, MAY_READ, () => client.createQueryJob({ ...query, ...limits }));
  await asking(doing, MAY_READ, () =>
    pipeline(job.getQueryResultsStream(), lines, createGzip({ level: 1 }), createWriteStream(target)),
  );
  const look = await jobs.lookAtStarted(client, job.id!, what);
  return look.state === "done" ? look.bytesBilled : estimate;
}

async function* lines(rows: AsyncIterable<{ line: string }>): AsyncGenerator<string> {
  for await (const { line } of rows) yield `${line}\n`;
}
