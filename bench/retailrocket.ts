import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Dataset } from "./datasets.ts";

const FILE = "retail_rocket_events.csv.gz";
const EVENT_WEIGHTS: Record<string, number> = { view: 0.5, cart: 2, buy: 6 };

/**
 * The RetailRocket events (columns ts,user,type,item), from the folder STEAMER_TEST_DATA; undefined
 * when it is missing.
 */
export function readRetailRocket(): Dataset | undefined {
  const folder = process.env["STEAMER_TEST_DATA"] ?? join(import.meta.dirname, "../../shared/data");
  const file = join(folder, FILE);
  if (!existsSync(file)) return undefined;
  const lines = gunzipSync(readFileSync(file)).toString("utf8").trimEnd().split("\n").slice(1);
  return toMatrix(lines.map((line) => line.trimEnd().split(",")));
}

/** One entry for each user and item. Its value is the sum of the weights of its event types. */
function toMatrix(rows: string[][]): Dataset {
  const itemIds = [...new Set(rows.map(([, , , item]) => item))].sort((a, b) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
  const numberOf = new Map(itemIds.map((id, i) => [id, i]));
  const histories = new Map<string, Map<number, number>>();
  for (const row of new Set(rows.map(([, user, type, item]) => `${user},${type},${item}`))) {
    const [user, type, item] = row.split(",");
    const history = histories.get(user) ?? new Map<number, number>();
    histories.set(user, history);
    const i = numberOf.get(item)!;
    history.set(i, (history.get(i) ?? 0) + EVENT_WEIGHTS[type]);
  }
  const entries = [...histories.values()].map((history) => [...history].sort(([a], [b]) => a - b));
  const rowStart = new Int32Array(entries.length + 1);
  entries.forEach((history, u) => (rowStart[u + 1] = rowStart[u] + history.length));
  return {
    users: entries.length,
    items: itemIds.length,
    rowStart,
    item: Int32Array.from(entries.flat(), ([item]) => item),
    value: Float32Array.from(entries.flat(), ([, value]) => value),
  };
}
