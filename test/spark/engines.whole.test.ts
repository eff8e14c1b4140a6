import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { openDuckDB, literal, parquetFiles, query, type DuckDB } from "../../adapters/local/duckdb.ts";
import { EVENTS, type EventName } from "../../contracts/interactions.ts";
import type { SimilarityRequest } from "../../contracts/jobs.ts";
import type { SimilarityCounts } from "../../contracts/metrics.ts";
import { defaultsOf } from "../../contracts/settings/settings.ts";
import { KNOB_NAMES, knobsOf } from "../../contracts/settings/similarity.ts";
import { TABLE_NAMES, TABLES, type TableName } from "../../contracts/tables.ts";
import { codeRows } from "../../core/library.ts";
import { murmur3 } from "../../core/text/hash.ts";
import { makerOf, neighboursOfAll } from "../../core/tables/makers.ts";
import { temporaryFolder } from "../temporary.ts";
import { runSparkJobs } from "./job.ts";

type Options = SimilarityRequest["options"];
type Row = { user: string; item: string; event: EventName; count: number; lastAt: number };

const usual: Options = knobsOf(defaultsOf(KNOB_NAMES), "similar", "cosine");
const odd = { view_item: 1 / 3, add_to_cart: 1.7, purchase: 5.123 };
const cases: Record<string, Options> = {
  "the usual options": usual,
  "a low cap, few neighbours, asymmetric": { ...usual, cap: 4, top: 5, alpha: 0.3, minSupport: 2 },
  "weights that no factor makes whole": { ...usual, vectors: "weighted", eventWeights: odd, shrinkage: 2.5 },
  "a sample": { ...usual, mode: "dimsum", gamma: 9, seed: 4_000_000_000 },
  "the order of histories": { ...usual, method: "order", cap: 0, window: 3, shrinkage: 1, alpha: 0.7 },
  "the order of capped histories": { ...usual, method: "order", cap: 5, distanceDecay: 1, backward: 0.2 },
  regressions: { ...usual, method: "ridge", cap: 0, window: 9, candidates: 20, coCounts: 30, alpha: 0.8 },
  "a sample of weighted vectors": { ...usual, mode: "dimsum", vectors: "weighted", gamma: 200, shrinkage: 0 },
};

describe("the Spark job and the embedded engine, on the same Parquet files", () => {
  const rows = randomRows(6000);
  const folder = temporaryFolder();
  const output = (name: string) => join(folder, Object.keys(cases).indexOf(name).toString(), "/");
  let db: DuckDB;

  beforeAll(async () => {
    db = await openDuckDB();
    const days = await writeDays(db, folder, rows);
    const scenarios = { similar: [...TABLES.similar.events], together: [...TABLES.together.events] };
    const shop = { shop: "tea", run: "2026-11-21.1", interactions: days, items: days, scenarios };
    await runSparkJobs(
      Object.entries(cases).map(([name, options]) => ({ ...shop, output: output(name), options })),
    );
    return () => db.close();
  }, 900_000);

  it.each(Object.keys(cases))("count the same and find the same neighbours with %s", async (name) => {
    const counts = JSON.parse(readFileSync(join(output(name), "metrics.json"), "utf8")) as SimilarityCounts;
    for (const scenario of TABLE_NAMES) {
      const embedded = findEmbedded(rows, scenario, cases[name]);
      expect(counts.scenarios[scenario]).toEqual(embedded.counts);
      expect(embedded.counts.kept < embedded.counts.capped).toBe(cases[name].mode === "dimsum");
      expect(counts).toMatchObject({ items: embedded.items, users: embedded.users });
      expect(await sparkNeighbours(db, output(name), scenario)).toEqual(embedded.lists);
    }
  });
});

/**
 * Few items that many users share, many that few do, ties in time, ids that need care. The same
 * every time.
 */
function randomRows(length: number): Row[] {
  let state = 42;
  const below = (n: number) => Math.floor(((state = (state * 48271) % 2147483647) / 2147483647) * n);
  const ids = ["é", "～", "😀", "日本語", "1e5", "10", "9", "Z", "a b"];
  const idOf = (i: number) => ids[i] ?? `item-${i}`;
  return Array.from({ length }, () => ({
    user: `user-${below(700)}`,
    item: idOf(Math.min(below(150), below(150))),
    event: EVENTS[below(3)],
    count: 1 + below(3),
    lastAt: 1.7e15 + below(40),
  }));
}

/** As the export stage writes them: a folder a day. */
async function writeDays({ connection }: DuckDB, folder: string, rows: Row[]): Promise<string[]> {
  const days = ["2026-11-19", "2026-11-20", "2026-11-21"];
  return Promise.all(
    days.map(async (day, k) => {
      const target = join(folder, `day=${day}`, "export=2026-11-21.1-1", "/");
      mkdirSync(target, { recursive: true });
      const lines = join(folder, `${day}.ndjson`);
      const own = rows.filter((_, r) => r % days.length === k);
      writeFileSync(lines, own.map((row) => JSON.stringify({ ...row, day })).join("\n"));
      const columns = `{"user": VARCHAR, item: VARCHAR, event: VARCHAR, count: BIGINT, "lastAt": BIGINT, day: VARCHAR}`;
      await connection.run(
        `COPY (FROM read_json(${literal(lines)}, format = 'newline_delimited', columns = ${columns}))
         TO ${literal(join(target, "part-0.parquet"))} (FORMAT parquet)`,
      );
      return target;
    }),
  );
}

type Lists = Record<string, [item: string, score: number][]>;

function findEmbedded(rows: Row[], scenario: TableName, options: Options) {
  const all = codeRows(rows, options);
  // All rows give the numbers; those of other events then count for nothing.
  const events: readonly EventName[] = TABLES[scenario].events;
  const { ids, users, ratings } = coded(rows, events, options);
  const hashes = { user: Uint32Array.from(users, murmur3), item: Uint32Array.from(ids, murmur3) };
  const maker = makerOf(options.method);
  const { layout, entries, capped, kept, pairs } = maker.prepare(ratings, options, { hashes });
  const found = neighboursOfAll(maker, layout);
  const lists: Lists = {};
  let neighbours = 0;
  for (const [i, id] of ids.entries()) {
    neighbours += found.count[i];
    const places = Array.from({ length: found.count[i] }, (_, k) => i * found.top + k);
    if (places.length > 0) lists[id] = places.map((k) => [ids[found.item[k]], found.score[k] / 1e6]);
  }
  const recall =
    options.mode === "dimsum"
      ? { recallAtTop: maker.recallOfSample!(coded(rows, events, options).ratings, options, found) }
      : {};
  const counts = { entries, capped, kept, pairs, neighbours, ...maker.counts?.(layout), ...recall };
  return { items: all.ids.length, users: all.users.length, counts, lists };
}

/** The ratings of some events, with all items numbered. */
function coded(rows: Row[], events: readonly EventName[], options: Options) {
  const whole = codeRows(rows, { ...options, vectors: "binary" });
  const own = rows.filter(({ event }) => events.includes(event));
  return codeRows(own, options, whole.ids);
}

async function sparkNeighbours({ connection }: DuckDB, folder: string, scenario: string): Promise<Lists> {
  const found = await query<{ item: string; neighbours: { item: string; score: number }[] }>(
    connection,
    `SELECT item, neighbours FROM ${parquetFiles([join(folder, "neighbours")])} WHERE scenario = '${scenario}'`,
  );
  return Object.fromEntries(
    found.map((row) => [row.item, row.neighbours.map(({ item, score }) => [item, score])]),
  );
}
