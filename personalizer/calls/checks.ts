import { DEFAULT_RESULTS, MAX_RESULTS } from "../../contracts/http/recommendation.ts";
import { EVENTS, MAX_ID_BYTES, type EventName } from "../../contracts/interactions.ts";
import {
  MAX_COUNT,
  MAX_ENTRIES,
  type HistoryOfRequest,
  type UserRequest,
} from "../../contracts/personalizer.ts";
import type { Interaction } from "../../core/personal/person.ts";
import { invalid } from "../../serving/grpc/refusals.ts";

/** @throws Refusal that names the field. */
export function checkId(field: string, id: string): string {
  const bytes = Buffer.byteLength(id);
  if (bytes >= 1 && bytes <= MAX_ID_BYTES) return id;
  throw invalid(`${field} has ${bytes} bytes; ids have 1 to ${MAX_ID_BYTES}`);
}

/** @throws Refusal when there are more than MAX_RESULTS. */
export function checkN(n: number): number {
  if (n <= MAX_RESULTS) return n === 0 ? DEFAULT_RESULTS : n;
  throw invalid(`n is ${n}; it must be a whole number from 1 to ${MAX_RESULTS}`);
}

/** @throws Refusal that names the entry. */
export function checkExclude(exclude: UserRequest["exclude"]): string[] {
  checkLength("exclude", exclude);
  return exclude.map((id, k) => checkId(`exclude[${k}]`, id));
}

/** @throws Refusal that names the entry. */
export function checkHistory(history: UserRequest["history"]): Interaction[] {
  checkLength("history", history);
  return history.map((entry, k) => ({
    item: checkId(`history[${k}].item`, entry.item),
    event: checkEvent(`history[${k}].event`, entry.event),
    count: checkCount(`history[${k}].count`, entry.count),
  }));
}

function checkLength(field: string, list: readonly unknown[]): void {
  if (list.length <= MAX_ENTRIES) return;
  throw invalid(`${field} has ${list.length} entries; at most ${MAX_ENTRIES} are looked at`);
}

const EVENT_OF = new Map<HistoryOfRequest["event"], EventName>(
  EVENTS.map((event) => [event.toUpperCase() as HistoryOfRequest["event"], event]),
);

function checkEvent(field: string, event: HistoryOfRequest["event"]): EventName {
  const known = EVENT_OF.get(event);
  if (known) return known;
  throw invalid(`${field} is ${event}; it must be one of ${[...EVENT_OF.keys()].join(", ")}`);
}

function checkCount(field: string, count: number): number {
  if (count <= MAX_COUNT) return count || 1;
  throw invalid(`${field} is ${count}; at most ${MAX_COUNT} is taken`);
}
