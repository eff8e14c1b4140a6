import { mkdirSync, mkdtempSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { literal, openDuckDB, parquetFiles, query, type DuckDB } from "../../../../adapters/local/duckdb.ts";
import { similarityStage } from "../../../../adapters/local/similarity/similarity-stage.ts";
import { readSettings } from "../../../../adapters/settings.ts";
import { PART } from "../../../../contracts/layout.ts";
import type { ExportMetrics, SimilarityMetrics } from "../../../../contracts/metrics.ts";
import type { Stage, StageContext } from "../../../../night/run/stage.ts";
import { reviewsCases, type ReviewsCase } from "../../../golden.ts";
import { temporaryFolder } from "../../../temporary.ts";

let db: DuckDB;
const folder = temporaryFolder();
beforeAll(async () => {
  db = await openDuckDB();
});
afterAll(() => db.close());

type Values = (string | number)[];

async function write(file: string, names: string, rows: Values[]): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  const sql = (value: string | number) => (typeof value === "string" ? literal(value) : String(value));
  const values = rows.map((row) => `(${row.map(sql).join(", ")})`).join(", ");
  await db.connection.run(
    `COPY (FROM (VALUES ${values}) AS rows(${names})) TO ${literal(file)} (FORMAT parquet)`,
  );
}

async function finished(stage: Stage, context: StageContext): Promise<SimilarityMetrics> {
  const operation = await stage.start(context);
  for (;;) {
    const state = await stage.poll(context, operation);
    if (state.state === "done") return state.metrics as SimilarityMetrics;
    if (state.state === "failed") throw new Error(state.reason);
    await setTimeout(5);
  }
}

/** Runs the similarity stage on golden rows. */
async function model({ options, interactions, reviews, weight, penalty }: ReviewsCase) {
  const root = mkdtempSync(join(folder, "night-"));
  const rows = interactions.map((row) => [...row, 0, "2026-11-21"]);
  await write(join(root, "events", PART), '"user", item, event, count, "lastAt", day', rows);
  const items = [...new Set(interactions.map(([, item]) => item))].map((item) => [item, item, "goods", 1, 0]);
  await write(join(root, "items", PART), 'item, name, category, price, "lastAt"', items);
  await write(
    join(root, "reviews", PART),
    '"user", item, rating, "at"',
    reviews.map((row) => [...row, 9]),
  );
  const counts = { rows: reviews.length, positive: 0, negative: 0 };
  const metrics: ExportMetrics = {
    days: [{ day: "2026-11-21", interactions: "events", items: "items" }],
    inputs: [],
    rows: 0,
    interactions: 0,
    rejectsFile: null,
    reviews: { folder: "reviews", ...counts },
  };
  const values = { ...options, "als.factors": 4, "reviews.weight": weight, "reviews.penalty": penalty };
  const settings = readSettings({ file: { path: "none", values }, env: {} });
  const stages = { export: { state: "done", metrics } };
  const manifest = {
    shop: "tea",
    run: "2026-11-21.1",
    lastDay: "2026-11-21",
    stages,
  } as unknown as StageContext["manifest"];
  const found = await finished(similarityStage(root), { manifest, settings, attempt: 1 });
  const read = <T>(path: string | undefined) =>
    query<T>(db.connection, `FROM ${parquetFiles([join(root, path!)])}`);
  return { found, read };
}

interface Neighbours {
  scenario: string;
  item: string;
  neighbours: { item: string; score: number }[];
}

describe.each(reviewsCases)("reviews in the night: $name", (golden) => {
  it("gives the golden neighbours, catalogue and histories", async () => {
    const { found, read } = await model(golden);
    const rows = await read<Neighbours>(found.neighbours);
    const lists = rows
      .filter(({ scenario }) => scenario === "similar")
      .map(({ item, neighbours }) => [item, neighbours.map(({ item, score }) => [item, score])]);
    const expected = Object.entries(golden.neighbours).filter(([, list]) => list.length > 0);
    expect(Object.fromEntries(lists)).toEqual(Object.fromEntries(expected));

    const catalogue = await read<Record<string, number>>(found.catalogue);
    const counted = catalogue.map(({ item, users, views, purchases }) => [item, users, views, purchases]);
    expect(counted).toEqual(golden.catalogue);

    const users = await read<{ user: string; history: Record<string, unknown>[] }>(found.userFactors);
    const histories = users.map(({ user, history }) => [
      user,
      history.map(({ item, weight, bought }) => [item, weight, bought]),
    ]);
    expect(Object.fromEntries(histories)).toEqual(golden.histories);
  });
});
