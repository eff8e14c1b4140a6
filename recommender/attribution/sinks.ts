import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { FastifyBaseLogger } from "fastify";
import type { AttributionRow } from "../../contracts/http/attribution.ts";
import { paths } from "../../contracts/layout.ts";
import { Refusal } from "../http/errors.ts";
import type { AttributionSink } from "./intake.ts";

/**
 * Writes one log line an event, under the key `attribution`. A sink of Cloud Logging routes these
 * lines to BigQuery.
 */
export function logSink(log: FastifyBaseLogger): AttributionSink {
  // These lines are what customers did, not news of the process: they come whatever its log leaves
  // out.
  const lines = log.child({}, { level: "info" });
  return {
    write: (rows) => rows.forEach((attribution) => lines.info({ attribution }, "attribution")),
    close: async () => {},
    failing: () => [],
  };
}

/** Rows that may wait for a slow disk. */
const MOST_WAITING = 10_000;

/**
 * Appends to one file a day, `<folder>/<day>.ndjson`. Rows that cannot be written are tried again
 * with the next ones.
 */
export function fileSink(folder: string, failed: (error: unknown) => void): AttributionSink {
  let waiting: AttributionRow[] = [];
  let writing: Promise<void> | null = null;
  let isFailing = false;

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      // A day at a time: what is in its file must not be written again because another day's cannot
      // be.
      const day = dayOf(waiting[0]);
      const rows = waiting.filter((row) => dayOf(row) === day);
      waiting = waiting.filter((row) => dayOf(row) !== day);
      try {
        await append(folder, day, rows);
        isFailing = false;
      } catch (error) {
        isFailing = true;
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
    failing: () => (isFailing ? ["the file of events"] : []),
  };
}

const dayOf = ({ at }: AttributionRow) => at.slice(0, 10);

async function append(folder: string, day: string, rows: AttributionRow[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await appendFile(
    join(folder, paths.attributionOf(day)),
    rows.map((row) => `${JSON.stringify(row)}\n`).join(""),
  );
}
