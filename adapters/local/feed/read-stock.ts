import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { ItemAliases } from "../../../contracts/item-aliases.ts";
import type { FeedMetrics } from "../../../contracts/metrics.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import type { SaidOfItem } from "../../../core/model/pushed-stock.ts";
import { eachChunk, openDuckDB, parquetFiles, query } from "../duckdb.ts";
import { FEED, readFeed } from "./read-feed.ts";
import { unreadable } from "./unreadable.ts";

/** What a catalogue says of availability and prices, by item id. */
export interface ReadStock {
  metrics: FeedMetrics;
  items: Map<string, SaidOfItem>;
  /** Absent where the model's items cannot be read. */
  known?: KnownItems;
}

/** How many of its items a model has, and a few that it does not have. */
export interface KnownItems {
  items: number;
  strangers: string[];
}

const NAMED_STRANGERS = 5;

/**
 * Reads availability and prices of a catalogue.
 * @param modelItems a folder of Parquet files with the model's items: the column `item`
 * @throws Problem when the file cannot be read, or says neither of any item.
 */
export async function readStock(
  path: string,
  settings: Pick<Settings, "catalogueMap" | "threads">,
  { aliases, modelItems }: { aliases?: ItemAliases | undefined; modelItems?: string | undefined } = {},
): Promise<ReadStock> {
  const spill = await mkdtemp(join(tmpdir(), "steamer-catalogue-"));
  const db = await openDuckDB({ threads: settings.threads, temporary: spill });
  try {
    const metrics = await readFeed(db.connection, path, settings, aliases);
    const items: ReadStock["items"] = new Map();
    const rows = `SELECT item, available, price FROM ${FEED} WHERE available IS NOT NULL OR price IS NOT NULL`;
    await eachChunk(db.connection, rows, ([ids, available, prices]) =>
      ids.forEach((id, k) =>
        items.set(id as string, {
          available: available[k] as boolean | null,
          price: prices[k] as number | null,
        }),
      ),
    );
    if (items.size === 0) throw saysNothing(path, metrics);
    if (modelItems === undefined) return { metrics, items };
    return { metrics, items, known: await knownItems(db.connection, metrics, modelItems) };
  } finally {
    db.close();
    await rm(spill, { recursive: true, force: true });
  }
}

async function knownItems(
  connection: DuckDBConnection,
  { items }: FeedMetrics,
  modelItems: string,
): Promise<KnownItems> {
  const others = `SELECT item FROM ${FEED} ANTI JOIN ${parquetFiles([modelItems])} AS model USING (item)`;
  const [{ n }] = await query<{ n: number }>(connection, `SELECT count(*)::INTEGER AS n FROM (${others})`);
  const few = await query<{ item: string }>(connection, `${others} ORDER BY item LIMIT ${NAMED_STRANGERS}`);
  return { items: items - n, strangers: few.map(({ item }) => item) };
}

function saysNothing(path: string, { columns }: FeedMetrics) {
  const read = Object.entries(columns).map(([column, name]) => `${column} from ${name}`);
  const next = "name them: --catalogue-map available=<column>,price=<column>";
  return unreadable(path, `it says no availability and no price (it has ${read.join(", ")})`, next);
}
