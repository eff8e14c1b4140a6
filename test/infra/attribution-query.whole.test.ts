import { readFileSync } from "node:fs";
import { BigQuery } from "@google-cloud/bigquery";
import { pino } from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { AttributionRow } from "../../contracts/http/attribution.ts";
import { attributionDataset } from "../../infra/names.ts";
import { logSink } from "../../recommender/attribution/log-sink.ts";
import { cloudLog } from "../../serving/cloud-log.ts";
import { startCloud, type Cloud } from "../stand-ins/cloud.ts";

let cloud: Cloud;
beforeAll(async () => void (cloud = await startCloud({ services: ["bigquery"] })), 600_000);
afterAll(() => cloud.close());

const string = (name: string) => ({ name, type: "STRING" });
/**
 * The table that Cloud Logging makes from the recommender's lines: numbers are FLOAT there. It
 * lacks `at`, which the query does not read: DuckDB, on which the stand-in runs, cannot have a
 * column of this name, a keyword.
 */
const TABLE = [
  { name: "timestamp", type: "TIMESTAMP" },
  string("insertId"),
  {
    name: "jsonPayload",
    type: "RECORD",
    fields: [
      string("message"),
      string("shop"),
      {
        name: "attribution",
        type: "RECORD",
        fields: [
          ...["id", "answer", "event", "item", "source", "scenario", "model"].map(string),
          { name: "position", type: "FLOAT" },
        ],
      },
    ],
  },
];

/** Cloud Logging's entries for the recommender's lines about these rows. */
function entriesOf(rows: AttributionRow[]) {
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  logSink(pino(cloudLog({ shop: "my-shop" }), stream)).write(rows);
  return lines.map((line, k) => {
    const { severity, time, attribution, ...others } = JSON.parse(line) as Record<string, unknown>;
    expect(severity).toBe("INFO");
    const { at: _at, ...columns } = attribution as AttributionRow;
    const jsonPayload = { ...others, attribution: columns };
    return { timestamp: time as string, insertId: `${k}`, jsonPayload };
  });
}

const row = (id: string, event: AttributionRow["event"], others: Partial<AttributionRow> = {}) =>
  ({
    at: new Date().toISOString(),
    id,
    answer: "one",
    event,
    item: "tent",
    source: "model",
    scenario: "similar",
    model: "2026-11-20.1",
    position: 1,
    ...others,
  }) as AttributionRow;

it("the query of docs/OPERATIONS.md finds the click-through by source, scenario and model", async () => {
  const entries = entriesOf([
    ...["a", "b", "c"].map((id, k) => row(id, "impression", { position: k + 1 })),
    // Another answer had an item in the same place.
    row("a", "impression", { answer: "another" }),
    row("e", "click"),
    row("f", "purchase"),
    row("g", "impression", { source: "popular", scenario: "together" }),
    row("h", "click", { model: "2026-11-19.1" }),
  ]);
  // Two instances may both record the same click.
  const again = { ...entries[4], insertId: "again" };
  const [old] = entriesOf([row("z", "impression")]);
  old.timestamp = new Date(Date.now() - 40 * 86_400_000).toISOString();

  const bigquery = new BigQuery({ projectId: cloud.project, apiEndpoint: cloud.endpoints.bigquery! });
  const [dataset] = await bigquery.createDataset(attributionDataset("my-shop"), { location: "US" });
  const [table] = await dataset.createTable("run_googleapis_com_stdout", { schema: TABLE });
  await table.insert([...entries, again, old]);

  const page = readFileSync("docs/OPERATIONS.md", "utf8");
  const query = /```sql\n([^`]*`[^`]*`[^`]*)```/
    .exec(page)![1]
    .replace("`my-project.", `\`${cloud.project}.`);
  const [found] = await bigquery.query({ query, location: "US" });
  expect(found).toEqual([
    ofGroup("model", "similar", "2026-11-20.1", [4, 1, 0.25, 1]),
    ofGroup("popular", "together", "2026-11-20.1", [1, 0, 0, 0]),
    ofGroup("model", "similar", "2026-11-19.1", [0, 1, null, 0]),
  ]);
});

const ofGroup = (source: string, scenario: string, model: string, numbers: (number | null)[]) => {
  const [impressions, clicks, click_through, purchases] = numbers;
  return { source, scenario, model, impressions, clicks, click_through, purchases };
};
