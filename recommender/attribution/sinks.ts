import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { FastifyBaseLogger } from "fastify";
import type { AttributionRow } from "../../contracts/attribution.ts";
import { Refusal } from "../problems.ts";
import type { AttributionSink } from "./intake.ts";

/** One log line an event, under the key `attribution`: what a sink of Cloud Logging routes to BigQuery. */
export function logSink(log: FastifyBaseLogger): AttributionSink {
  return {
    write: (rows) => rows.forEach((attribution) => log.info({ attribution }, "attribution")),
    close: async () => {},
  };
}

/** Rows that may wait for a slow disk. */
const MOST_WAITING = 10_000;

/** Appends to a file a day, `<folder>/<day>.ndjson`. What cannot be written is tried again with what comes next. */
export function fileSink(folder: string, failed: (error: unknown) => void): AttributionSink {
  let waiting: AttributionRow[] = [];
  let writing: Promise<void> | null = null;

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const rows = waiting;
      waiting = [];
      try {
        await append(folder, rows);
      } catch (error) {
        waiting = [...rows, ...waiting];
        return failed(error);
      }
    }
  }

  const flush = () => (writing ??= writeAll().finally(() => (writing = null)));
  return {
    write(rows) {
      if (waiting.length + rows.length > MOST_WAITING)
        throw new Refusal(503, "events cannot be written down at the moment", { "retry-after": "5" });
      waiting.push(...rows);
      void flush();
    },
    async close() {
      await writing;
      await flush();
    },
  };
}

async function append(folder: string, rows: AttributionRow[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const days = new Map<string, string>();
  for (const row of rows) {
    const day = row.at.slice(0, 10);
    days.set(day, `${days.get(day) ?? ""}${JSON.stringify(row)}\n`);
  }
  for (const [day, lines] of days) await appendFile(join(folder, `${day}.ndjson`), lines);
}
