import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ItemAliases } from "../../../contracts/item-aliases.ts";
import type { FeedMetrics } from "../../../contracts/metrics.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import type { SaidOfItem } from "../../../core/model/pushed-stock.ts";
import { eachChunk, openDuckDB } from "../duckdb.ts";
import { FEED, readFeed } from "./read-feed.ts";
import { unreadable } from "./unreadable.ts";

/** What a catalogue says of availability and prices, by item id. */
export interface ReadStock {
  metrics: FeedMetrics;
  items: Map<string, SaidOfItem>;
}

/**
 * Reads availability and prices of a catalogue.
 * @throws Problem when the file cannot be read, or says neither of any item.
 */
export async function readStock(
  path: string,
  settings: Pick<Settings, "catalogueMap" | "threads">,
  aliases?: ItemAliases,
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
    return { metrics, items };
  } finally {
    db.close();
    await rm(spill, { recursive: true, force: true });
  }
}

function saysNothing(path: string, { columns }: FeedMetrics) {
  const read = Object.entries(columns).map(([column, name]) => `${column} from ${name}`);
  const next = "name them: --catalogue-map available=<column>,price=<column>";
  return unreadable(path, `it says no availability and no price (it has ${read.join(", ")})`, next);
}
