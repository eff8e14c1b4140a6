import type { AttributionEvent, AttributionRow, EventsAnswer } from "../../contracts/http/attribution.ts";
import { RecentlyUsed } from "../recently-used.ts";
import type { Tokens } from "./token.ts";

/** Where accepted events go. */
export interface AttributionSink {
  /** @throws when too much is waiting to be written; nothing has been taken then. */
  write(rows: AttributionRow[]): void;
  /** Writes what is waiting. */
  close(): Promise<void>;
  /** Names events that could not be written at the last attempt, in words that anybody may see. */
  failing(): string[];
}

/** Takes events that customers' devices send; says which it accepted. */
export type Intake = (events: readonly AttributionEvent[], now: Date) => EventsAnswer;

/**
 * Ids of events that are remembered, so that each event counts once. An id takes about 150 bytes.
 */
const REMEMBERED = 100_000;

/** Takes the events that belong to an answer of ours, each once. */
export function createIntake(
  tokens: Tokens,
  sink: AttributionSink,
  count: (row: AttributionRow) => void,
): Intake {
  const seen = new RecentlyUsed<true>(REMEMBERED);

  return function take(events: readonly AttributionEvent[], now: Date): EventsAnswer {
    const rows: AttributionRow[] = [];
    const fresh = new Set<string>();
    const refused: EventsAnswer["refused"] = [];
    let duplicates = 0;
    for (const { id, event, item, token } of events) {
      const attribution = tokens.read(token, now.getTime());
      const found = typeof attribution === "string" ? null : attribution.find(item);
      if (typeof attribution === "string") refused.push({ id, reason: REASONS[attribution] });
      else if (!found) refused.push({ id, reason: "the answer did not have the item" });
      else {
        // The holder of one answer cannot use up the ids of another.
        const answer = token.slice(-16);
        const key = `${answer}${id}`;
        if (seen.get(key) || fresh.has(key)) duplicates++;
        else {
          fresh.add(key);
          const { scenario, model } = attribution;
          const { source, place } = found;
          const position = place + 1;
          rows.push({ at: now.toISOString(), id, answer, event, item, source, scenario, model, position });
        }
      }
    }
    if (rows.length > 0) sink.write(rows);
    for (const key of fresh) seen.set(key, true);
    rows.forEach(count);
    return { accepted: rows.length, duplicates, refused };
  };
}

const REASONS = { forged: "the token is not one of ours", expired: "the token has expired" };
