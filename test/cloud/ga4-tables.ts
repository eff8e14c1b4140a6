import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { BigQuery } from "@google-cloud/bigquery";
import type { Cloud } from "../stand-ins/cloud.ts";

/** The part of GA4's export schema that a shop's events use. */
const SCHEMA = {
  fields: [
    { name: "event_date", type: "STRING" },
    { name: "event_timestamp", type: "INTEGER" },
    { name: "event_name", type: "STRING" },
    { name: "user_pseudo_id", type: "STRING" },
    { name: "user_id", type: "STRING" },
    {
      name: "items",
      type: "RECORD",
      mode: "REPEATED",
      fields: [
        { name: "item_id", type: "STRING" },
        { name: "item_name", type: "STRING" },
        { name: "item_category", type: "STRING" },
        { name: "price", type: "FLOAT" },
        { name: "quantity", type: "INTEGER" },
      ],
    },
  ],
};

/**
 * The lines of a folder's daily GA4 files, by day as `20261121`. Damaged lines are left out,
 * because a table cannot hold them.
 */
export function readGa4Files(folder: string): Map<string, object[]> {
  const files = readdirSync(folder).filter((name) => /^events_\d{8}\.ndjson(\.gz)?$/.test(name));
  return new Map(files.sort().map((name) => [/\d{8}/.exec(name)![0], readEvents(join(folder, name))]));
}

function readEvents(file: string): object[] {
  const bytes = readFileSync(file);
  const text = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  return text.split("\n").flatMap((line) => {
    try {
      return [JSON.parse(line) as object];
    } catch {
      return [];
    }
  });
}

/** Rows of one insertion. */
const BATCH = 5000;

/** Makes the tables `events_YYYYMMDD` of a dataset, as Google Analytics does every day. */
export async function loadGa4Tables(
  cloud: Cloud,
  dataset: string,
  days: Map<string, object[]>,
): Promise<void> {
  const bigquery = new BigQuery({ projectId: cloud.project, apiEndpoint: cloud.endpoints.bigquery! });
  const [exists] = await bigquery.dataset(dataset).exists();
  if (!exists) await bigquery.createDataset(dataset, { location: "US" });
  for (const [day, events] of days) {
    const table = bigquery.dataset(dataset).table(`events_${day}`);
    if ((await table.exists())[0]) await table.delete();
    await table.create({ schema: SCHEMA });
    for (let at = 0; at < events.length; at += BATCH) {
      await table.insert(events.slice(at, at + BATCH), { ignoreUnknownValues: true });
    }
  }
}
