import type { AttributionEvent, AttributionRow, EventsAnswer } from "../../contracts/http/attribution.ts";
import { Counted, type Told } from "./counted.ts";
import type { Tokens } from "./token.ts";

/** Where accepted events go. */
export interface AttributionSink {
  /**
   * Resolves when the rows are where a crash of the process does not lose them.
   * @param rows of one moment, at least one
   * @throws Refusal when they could not be written, or too much is waiting.
   */
  write(rows: AttributionRow[]): Promise<void>;
  /** Waits for what is being written. */
  close(): Promise<void>;
  /** Names events that could not be written at the last attempt, in words that anybody may see. */
  failing(): string[];
}

/**
 * Takes events that customers' devices send; says which it accepted, once these are written.
 * @throws Refusal when they could not be written. All may be sent again: none counts twice.
 */
export type Intake = (events: readonly AttributionEvent[], now: Date) => Promise<EventsAnswer>;

/** Takes the events that belong to an answer of ours: of each kind one for each item it showed. */
export function createIntake(
  tokens: Tokens,
  sink: AttributionSink,
  count: (row: AttributionRow) => void,
): Intake {
  const counted = new Counted();
  /** What is being written. Who repeats it must hear how that ends. */
  const writing = new Map<string, Promise<void>>();

  return async function take(events, now): Promise<EventsAnswer> {
    const rows: AttributionRow[] = [];
    const fresh = new Map<string, Told>();
    const others = new Set<Promise<void>>();
    const refused: EventsAnswer["refused"] = [];
    let duplicates = 0;
    for (const { id, event, item, token } of events) {
      const attribution = tokens.read(token, now.getTime());
      const found = typeof attribution === "string" ? null : attribution.find(item);
      if (typeof attribution === "string") refused.push({ id, reason: REASONS[attribution] });
      else if (!found) refused.push({ id, reason: "the answer did not have the item" });
      else {
        const { source, place } = found;
        const told = { answer: token.slice(-16), place, event };
        const key = keyOf(told);
        const other = writing.get(key);
        if (other) others.add(other);
        if (other || fresh.has(key) || counted.has(told)) duplicates++;
        else {
          fresh.set(key, told);
          const { scenario, model } = attribution;
          const { answer } = told;
          const position = place + 1;
          rows.push({ at: now.toISOString(), id, answer, event, item, source, scenario, model, position });
        }
      }
    }
    const written = rows.length > 0 ? writeFresh(rows, fresh) : null;
    await Promise.all([written, ...others]);
    return { accepted: rows.length, duplicates, refused };
  };

  async function writeFresh(rows: AttributionRow[], fresh: Map<string, Told>): Promise<void> {
    const written = sink.write(rows);
    for (const key of fresh.keys()) writing.set(key, written);
    try {
      await written;
      for (const told of fresh.values()) counted.add(told);
      rows.forEach(count);
    } finally {
      for (const key of fresh.keys()) writing.delete(key);
    }
  }
}

const keyOf = ({ answer, place, event }: Told) => `${answer}${place}${event}`;

const REASONS = { forged: "the token is not one of ours", expired: "the token has expired" };
