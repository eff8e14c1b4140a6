import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Measurement } from "../measure.ts";
import { table } from "../print-table.ts";
import { peerFile, runJson } from "../run-json.ts";

const DATA = process.env["STEAMER_TEST_DATA"] ?? join(import.meta.dirname, "../../../shared/data");
const EVENTS = join(DATA, "retail_rocket_events.csv.gz");
const TEST = join(DATA, "retail_rocket_test.csv");
const STEAMER = join(import.meta.dirname, "../../bin/steamer.js");

/**
 * NDCG@10 on RetailRocket, one purchase held out: ours by `steamer evaluate`, that of peers on what
 * it exports. A table by the same blocks has the same.
 */
export function quality(
  peers: readonly string[],
  { threads, python }: { threads: number; python: string },
): string {
  if (!existsSync(EVENTS) || !existsSync(TEST))
    return "SKIPPED NDCG@10: STEAMER_TEST_DATA does not name a folder with RetailRocket's events.";
  const folder = mkdtempSync(join(tmpdir(), "bench-ridge-"));
  try {
    const split = join(folder, "split");
    const rows = [
      ["order", evaluate("order", split), "", ""],
      ["ridge", evaluate("ridge", split), "", ""],
    ];
    for (const name of peers.filter((name) => name !== "lapack")) {
      const script = peerFile(`ridge_${name}.py`);
      const found = runJson(python, ["-W", "ignore", script, split, `${threads}`, folder], threads);
      const { ndcg, cpu, peak } = found as Measurement & { ndcg: number };
      rows.push([name, ndcg.toFixed(4), cpu.toFixed(1), peak.toFixed(0)]);
    }
    return table(["RetailRocket, one purchase held out", "NDCG@10", "CPU s", "peak MB"], rows);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function evaluate(method: string, split: string): string {
  rmSync(split, { recursive: true, force: true });
  const args = ["evaluate", "--json", "--als.factors", "0", "--events", EVENTS, "--test", TEST];
  args.push("--missing-ids", "0=id", "--similar.method", method, "--export-ranks", split);
  const { status, stdout, stderr } = spawnSync(process.execPath, [STEAMER, ...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(`steamer ${args.join(" ")} failed:\n${stderr}`);
  const { results } = JSON.parse(stdout) as { results: { name: string; quality: { ndcg10: number } }[] };
  return results.find(({ name }) => name === "neighbours")!.quality.ndcg10.toFixed(4);
}
