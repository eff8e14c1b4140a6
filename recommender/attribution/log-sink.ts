import type { FastifyBaseLogger } from "fastify";
import type { AttributionSink } from "./intake.ts";

/**
 * Writes one log line an event, under the key `attribution`, before it returns. A sink of Cloud
 * Logging routes these lines to BigQuery.
 */
export function logSink(log: FastifyBaseLogger): AttributionSink {
  // These lines are what customers did, not news of the process: they come whatever its log leaves
  // out.
  const lines = log.child({}, { level: "info" });
  return {
    write: async (rows) => rows.forEach((attribution) => lines.info({ attribution }, "attribution")),
    close: async () => {},
    failing: () => [],
  };
}
