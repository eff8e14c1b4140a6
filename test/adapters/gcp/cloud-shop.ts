import type { TableMetadata } from "@google-cloud/bigquery";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { literal, openDuckDB, query } from "../../../adapters/local/duckdb.ts";
import { bigQuery } from "../../../adapters/gcp/clients.ts";
import { openObjects } from "../../../adapters/storage/choose.ts";
import { STAGES, type StageName } from "../../../contracts/manifest.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import { fingerprintOf } from "../../../night/run/fingerprint.ts";
import type { Objects } from "../../../night/state/objects.ts";
import { openRun, type RunRequest } from "../../../night/run/open-run.ts";
import { advance, type Night } from "../../../night/run/run.ts";
import type { Stage, StageContext, StageState } from "../../../night/run/stage.ts";
import { done, scriptedStage, settingsWith } from "../../night/shop.ts";
import type { Cloud } from "../../stand-ins/cloud.ts";

const text = (name: string) => ({ name, type: "STRING" });
const ITEMS = {
  name: "items",
  type: "RECORD",
  mode: "REPEATED",
  fields: [
    ...["item_id", "item_name", "item_category"].map(text),
    { name: "price", type: "FLOAT" },
    { name: "quantity", type: "INTEGER" },
  ],
};
const GEO = { name: "geo", type: "RECORD", fields: ["country", "region"].map(text) };
const DEVICE = {
  name: "device",
  type: "RECORD",
  fields: [text("language"), { name: "web_info", type: "RECORD", fields: [text("hostname")] }],
};
const USER_PROPERTIES = {
  name: "user_properties",
  type: "RECORD",
  mode: "REPEATED",
  fields: [
    text("key"),
    { name: "value", type: "RECORD", fields: [text("string_value"), { name: "int_value", type: "INTEGER" }] },
  ],
};
/** The columns of a GA4 export that are read, and one that is not. */
const SCHEMA = [
  ...["event_date", "event_name", "user_id", "user_pseudo_id", "stream_id", "platform"].map(text),
  { name: "event_timestamp", type: "INTEGER" },
  GEO,
  DEVICE,
  USER_PROPERTIES,
  ITEMS,
];

/** A row of a GA4 export. */
export type Event = Record<string, unknown>;

/** A shop with a GA4 export and a bucket of its own in a local Google Cloud. */
export class CloudShop {
  readonly cloud: Cloud;
  readonly settings: Settings;
  objects!: Objects;
  readonly #bucket: string;

  constructor(cloud: Cloud, name: string, change: Partial<Settings> = {}) {
    this.cloud = cloud;
    this.#bucket = `steamer-${name}`;
    this.settings = settingsWith({
      shop: name,
      data: `gs://${this.#bucket}`,
      dataset: `analytics_${name}`,
      project: cloud.project,
      region: cloud.region,
      endpoints: cloud.endpoints,
      days: 30,
      ...change,
    });
  }

  /** Makes the bucket and the dataset. */
  async open(): Promise<this> {
    const { storage } = await import("../../../adapters/gcp/clients.ts");
    await (await storage(this.settings)).createBucket(this.#bucket);
    await (await this.client()).createDataset(this.settings.dataset!, { location: "US" });
    this.objects = await openObjects(this.settings);
    return this;
  }

  client() {
    return bigQuery(this.settings, this.settings.location);
  }

  /** Adds rows to a table, which is made if need be. */
  async add(table: string, rows: Event[], made: TableMetadata = { schema: SCHEMA }): Promise<void> {
    const dataset = (await this.client()).dataset(this.settings.dataset!);
    const [isThere] = await dataset.table(table).exists();
    if (!isThere) await dataset.createTable(table, made);
    if (rows.length > 0) await dataset.table(table).insert(rows);
  }

  /** Runs a night with these stages, all others being done at once. */
  async night(stages: Partial<Record<StageName, Stage>>, request: Partial<RunRequest> & { lastDay: string }) {
    const { settings } = this;
    const night: Night = {
      objects: this.objects,
      settings,
      owner: "test",
      now: () => new Date(),
      stages: Object.fromEntries(
        STAGES.map((name) => [name, stages[name] ?? scriptedStage(name, [done])]),
      ) as Night["stages"],
    };
    const fingerprint = fingerprintOf(settings, { lastDay: request.lastDay });
    const run = await openRun(night, {
      versions: {},
      fingerprint,
      isAlive: () => false,
      anew: true,
      ...request,
    });
    while ((await advance(night, run)) !== null) await delay(50);
    return run.document.value;
  }

  /** All rows of the files below folders of the bucket, by DuckDB. */
  async read<Row>(folders: string[], select = "SELECT * FROM rows"): Promise<Row[]> {
    const folder = mkdtempSync(join(tmpdir(), "steamer-read-"));
    const { connection, close } = await openDuckDB();
    try {
      const files: string[] = [];
      for (const [k, prefix] of folders.entries()) {
        mkdirSync(join(folder, String(k)));
        for (const uri of await this.cloud.files.list(`${this.settings.data}/${prefix}*`)) {
          files.push(join(folder, String(k), basename(uri)));
          await this.cloud.files.download(uri, files.at(-1)!);
        }
      }
      const list = `[${files.map(literal).join(", ")}]`;
      const reader = files[0]?.endsWith(".parquet") ? "read_parquet" : "read_json";
      await connection.run(`CREATE VIEW rows AS SELECT * FROM ${reader}(${list})`);
      return await query<Row>(connection, select);
    } finally {
      close();
      rmSync(folder, { recursive: true });
    }
  }
}

/** Looks at a stage until it is no longer running. */
export async function outcome(stage: Stage, context: StageContext): Promise<StageState> {
  const operation = await stage.start(context);
  for (;;) {
    const state = await stage.poll(context, operation);
    if (state.state !== "running") return state;
    await delay(50);
  }
}
