import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compete, OURS, type Task } from "./contenders.ts";
import type { Measurement } from "./measure.ts";
import { median, millions, spread, table, times } from "./print-table.ts";

/** Our methods, as ours.ts knows them. The first is what others compare with. */
const METHODS = { binary: "cosine, binary", order: "order" } as const;
type Method = keyof typeof METHODS;
type Results = Record<Method, (Measurement & { pairs: number })[]>;

/** Lets our methods make the same set's table, in turn. */
export function runMethods(task: Omit<Task, "vectors">, rounds: number): Results {
  const out = mkdtempSync(join(tmpdir(), "bench-methods-"));
  const results: Results = { binary: [], order: [] };
  try {
    for (let round = 0; round < rounds; round++) {
      for (const vectors of Object.keys(METHODS) as Method[])
        results[vectors].push(compete(OURS, { ...task, vectors }, out) as Results[Method][number]);
    }
    return results;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

export function methodsTable(results: Results): string {
  const header = ["", "pairs", "wall s", "CPU s", "CPU ns a pair", "peak MB", "CPU", "a pair", "peak"];
  const nanoseconds = ({ cpu, pairs }: Results[Method][number]) => (1e9 * cpu) / pairs;
  const rows = (Object.keys(METHODS) as Method[]).map((method) => {
    const own = results[method];
    const of = (measure: (m: Results[Method][number]) => number) => own.map(measure);
    const ratio = (measure: (m: Results[Method][number]) => number) =>
      method === "binary" ? "" : times(median(own.map((m, k) => measure(m) / measure(results.binary[k]))));
    return [
      METHODS[method],
      millions(own[0].pairs),
      spread(
        of(({ wall }) => wall),
        2,
      ),
      spread(
        of(({ cpu }) => cpu),
        2,
      ),
      spread(of(nanoseconds), 1),
      spread(
        of(({ peak }) => peak),
        0,
      ),
      ratio(({ cpu }) => cpu),
      ratio(nanoseconds),
      ratio(({ peak }) => peak),
    ];
  });
  return table(header, rows);
}
