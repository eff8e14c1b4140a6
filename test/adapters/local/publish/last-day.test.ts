import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { literal, openDuckDB } from "../../../../adapters/local/duckdb.ts";
import { buyersReader } from "../../../../adapters/local/publish/read-buyers.ts";
import { clicksReader } from "../../../../adapters/local/publish/read-clicks.ts";
import { fileObjects } from "../../../../adapters/storage/files.ts";
import { PART, paths } from "../../../../contracts/layout.ts";
import { finishedManifest } from "../../../finished-manifest.ts";
import { temporaryFolder } from "../../../temporary.ts";

describe("the buyers of a last day", () => {
  const root = temporaryFolder();
  const { buyers } = paths.similarity("toys", "2026-11-21.1", 1);
  const snapshot = { path: "", bytes: 0, sha256: "0".repeat(64) };
  const manifest = finishedManifest("toys", "2026-11-21.1", { items: 1, snapshot });
  const similarity = { neighbours: "", catalogue: "", items: 1, users: 1, scenarios: {} };
  manifest.stages.similarity.metrics = { ...similarity, buyers };
  const reader = buyersReader(fileObjects(root), manifest);
  const read = (purchase = 9, add_to_cart = 9) => reader({ purchase, add_to_cart });

  it("are none where the engine wrote no file", async () => {
    expect(await read()).toEqual([]);
  });

  it("are read with what they did on the day and before", async () => {
    mkdirSync(join(root, buyers), { recursive: true });
    const { connection, close } = await openDuckDB();
    await connection.run(`
      COPY (FROM (VALUES ('ann', 'tea', 'view_item', 1::BIGINT, 5::BIGINT, '2026-11-20'),
        ('ann', 'cup', 'purchase', 2::BIGINT, 9::BIGINT, '2026-11-21')) AS rows("user", item, event, count, "lastAt", day))
      TO ${literal(join(root, buyers, PART))} (FORMAT parquet)`);
    close();
    expect(await read()).toEqual([
      { user: "ann", item: "tea", event: "view_item", lastAt: 5, isOfDay: false },
      { user: "ann", item: "cup", event: "purchase", lastAt: 9, isOfDay: true },
    ]);
    expect(await read(0)).toEqual([]);
  });

  it("that cannot be read are a problem which names them", async () => {
    writeFileSync(join(root, buyers, PART), "no Parquet");
    await expect(read()).rejects.toThrow(/Reading shops\/toys\/models\/2026-11-21.1\/similarity=1\/buyers/);
  });
});

describe("clicks on a model's answers", () => {
  const root = temporaryFolder();
  const read = clicksReader(root, "toys");

  it("are unknown without a file of events", async () => {
    expect(await read("2026-11-20.1", "2026-11-21")).toBeUndefined();
  });

  it("are counted on the day and around it, in all parts, each once, without torn lines", async () => {
    const folder = join(root, paths.attribution("toys"));
    mkdirSync(folder, { recursive: true });
    const line = (event: string, answer: string, model = "2026-11-20.1") =>
      `${JSON.stringify({ answer, event, model, position: 1 })}\n`;
    const write = (day: string, part: number, text: string) =>
      writeFileSync(join(folder, paths.attributionOf(day, part)), text);
    write("2026-11-19", 1, line("impression", "a"));
    write("2026-11-21", 1, line("impression", "b") + line("impression", "c") + '{"event":"impr');
    write("2026-11-21", 2, line("impression", "d") + line("click", "b") + line("click", "a", "2026-11-19.1"));
    write("2026-11-22", 1, line("impression", "e") + line("purchase", "e") + line("click", "e"));
    // Sent again after a restart.
    write("2026-11-22", 2, line("click", "e").repeat(2) + '{"event":"cli');
    expect(await read("2026-11-20.1", "2026-11-21")).toEqual({ impressions: 4, clicks: 2 });
    expect(await read("2026-11-18.1", "2026-11-21")).toBeUndefined();
  });
});
