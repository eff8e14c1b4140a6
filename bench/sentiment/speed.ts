import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median, spread, table, times } from "../print-table.ts";
import { peerFile, runJson } from "../run-json.ts";
import type { Sentence } from "./accuracy.ts";

/** Milliseconds a review, megabytes (10^6 bytes) at the peak, and how likely each is positive. */
interface Result {
  wall: number;
  cpu: number;
  peak: number;
  chances: number[];
}

/** Largest difference that float32 sums in another order explain. */
const TOLERANCE = 1e-4;

/**
 * Classifies reviews one after the other, on one thread: by the inference service's code, and by
 * Python. Each runs in a process of its own, in turn.
 * @returns false if they disagree
 */
export function compareSpeed(python: string, model: string, reviews: string[], rounds: number): boolean {
  const folder = mkdtempSync(join(tmpdir(), "bench-sentiment-"));
  try {
    const texts = join(folder, "texts.json");
    writeFileSync(texts, JSON.stringify(reviews));
    const ours: Result[] = [];
    const theirs: Result[] = [];
    for (let round = 0; round < rounds; round++) {
      ours.push(runJson(process.execPath, [join(import.meta.dirname, "ours.ts"), model, texts], 1) as Result);
      theirs.push(runJson(python, [peerFile("sentiment.py"), model, texts], 1) as Result);
    }
    return report(ours, theirs);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function report(ours: Result[], theirs: Result[]): boolean {
  const keys = ["cpu", "wall", "peak"] as const;
  const row = (name: string, results: Result[]) => [
    name,
    ...keys.map((key) =>
      spread(
        results.map((result) => result[key]),
        key === "peak" ? 0 : 2,
      ),
    ),
  ];
  const ratios = keys.map((key) => times(median(ours.map((own, k) => theirs[k][key] / own[key]))));
  const header = ["a review alone, one thread", "CPU ms", "wall ms", "peak MB"];
  console.log(table(header, [row("ours", ours), row("Python", theirs), ["Python's over ours", ...ratios]]));
  const differences = ours[0].chances.map((chance, k) => Math.abs(chance - theirs[0].chances[k]));
  const largest = Math.max(...differences);
  console.log(`the largest difference of a probability: ${largest.toExponential(1)}`);
  return largest <= TOLERANCE;
}

/** Reviews of one to five sentences about products. */
export function reviewsOf(sentences: readonly Sentence[], wanted: number): string[] {
  const products = sentences.filter(({ domain }) => domain === "products").map(({ text }) => text);
  return Array.from({ length: wanted }, (_, k) =>
    Array.from({ length: 1 + (k % 5) }, (_, part) => products[(3 * k + part) % products.length]).join(" "),
  );
}
