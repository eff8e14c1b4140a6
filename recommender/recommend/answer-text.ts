import { EVENTS, MAX_ID_BYTES, type EventName } from "../../contracts/interactions.ts";
import { MAX_BECAUSE, SOURCES, type Source } from "../../contracts/http/recommendation.ts";
import { tenThousandths } from "../../core/ranking/answer.ts";
import type { EncodedIds } from "../../core/model/row-ids.ts";
import type { RankedRow } from "../../core/ranking/ranker.ts";
import type { Contribution } from "../../core/ranking/reasons.ts";
import type { Ranked } from "../model/store.ts";
import { LONGEST_RATING, type WrittenRatings } from "../reviews/ratings.ts";

/** Bytes that a result can have: its ids with each byte escaped, and what stands between them. */
const LONGEST_RESULT = (1 + MAX_BECAUSE) * (6 * MAX_ID_BYTES + 100) + LONGEST_RATING + 100;
/** UTF-8 bytes that a unit of a text can have. */
const MOST_BYTES = 3;

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));
const START = bytesOf('{"results":[');
const FIRST_RESULT = bytesOf('{"item":"');
const NEXT_RESULT = bytesOf(',{"item":"');
const SCORE = bytesOf('","score":');
const RATING = bytesOf(',"rating":');
const NO_REASON = recordOf(SOURCES, (source: Source) => bytesOf(`,"source":"${source}","because":[]}`));
const FIRST_PART = recordOf(SOURCES, (source: Source) =>
  bytesOf(`,"source":"${source}","because":[{"item":"`),
);
const NEXT_PART = bytesOf('},{"item":"');
const SHARE = recordOf(EVENTS, (event: EventName) => bytesOf(`","event":"${event}","share":`));
const END_OF_PARTS = bytesOf("}]}");

/**
 * Writes answers as JSON, as JSON.stringify would. It writes bytes, and the ids as they stand in
 * the model's own bytes: making texts and objects of them first takes a request longer than all of
 * its scoring. In few pieces: each costs a call.
 */
export function createAnswerWriter() {
  let bytes = Buffer.alloc(0);

  return function write(
    ranked: Ranked,
    model: string,
    attributionToken: string,
    ratings: WrittenRatings | null = null,
  ): string {
    const { results, missingIds, unknownAvailability, details } = ranked;
    const missing = missingIds.length === 0 ? "[]" : JSON.stringify(missingIds);
    const unknown = unknownAvailability === undefined ? "" : `,"unknownAvailability":${unknownAvailability}`;
    const tail = `],"model":"${model}","missingIds":${missing}${unknown},"attributionToken":"${attributionToken}"}`;
    const others = details?.reduce((sum, text) => sum + text.length + 1, tail.length) ?? tail.length;
    const most = START.length + results.length * LONGEST_RESULT + MOST_BYTES * others;
    if (bytes.length < most) bytes = Buffer.alloc(most);
    const end = putResults(bytes, put(bytes, 0, START), ranked, ratings);
    return bytes.toString("utf8", 0, end + bytes.write(tail, end));
  };
}

// All that follows writes at a place, and returns where it ended.

function putResults(
  into: Buffer,
  start: number,
  { results, ids, details }: Ranked,
  ratings: WrittenRatings | null,
): number {
  let at = start;
  /** Where the last reason stands. */
  let reasonFrom = 0;
  let reasonTo = 0;
  for (let k = 0; k < results.length; k++) {
    const { row, score, source, why } = results[k];
    at = put(into, at, k === 0 ? FIRST_RESULT : NEXT_RESULT);
    at = putId(into, at, ids, row);
    at = put(into, at, SCORE);
    at = putDecimal(into, at, score, source === "model" ? 1e6 : 1);
    const rating = ratings?.find(ids, row);
    if (rating) at = put(into, put(into, at, RATING), rating);
    if (details) at += into.write(`,${details[k]}`, at);
    const from = at;
    if (k > 0 && why === results[k - 1].why && source === results[k - 1].source) {
      // One item of a query explains all results.
      into.copyWithin(at, reasonFrom, reasonTo);
      at += reasonTo - reasonFrom;
    } else at = putReason(into, at, results[k], ids);
    reasonFrom = from;
    reasonTo = at;
  }
  return at;
}

function putReason(into: Buffer, start: number, { source, why }: RankedRow, ids: EncodedIds): number {
  if (why.largest === null) return put(into, start, NO_REASON[source]);
  let at = start;
  for (let part: Contribution | null = why.largest; part !== null; part = part.next) {
    const { from, value } = part;
    at = put(into, at, part === why.largest ? FIRST_PART[source] : NEXT_PART);
    at = putId(into, at, ids, from.row);
    at = put(into, at, SHARE[from.event]);
    at = putDecimal(into, at, tenThousandths(value, why), 1e4);
  }
  return put(into, at, END_OF_PARTS);
}

function put(into: Buffer, at: number, text: Uint8Array): number {
  into.set(text, at);
  return at + text.length;
}

function putId(into: Buffer, from: number, ids: EncodedIds, row: number): number {
  const to = ids.copyId(row, into, from);
  for (let k = from; k < to; k++) {
    const byte = into[k];
    if (byte < SPACE || byte === QUOTE || byte === BACKSLASH)
      return from + into.write(JSON.stringify(into.toString("utf8", from, to)).slice(1, -1), from);
  }
  return to;
}

/** A whole number of parts, of which `unit` (a power of ten) are one. */
function putDecimal(into: Buffer, start: number, parts: number, unit: number): number {
  let at = start;
  const whole = Math.floor(parts / unit);
  let rest = parts - whole * unit;
  if (whole < 10) into[at++] = ZERO + whole;
  else at += into.write(String(whole), at, "latin1");
  if (rest === 0) return at;
  into[at++] = POINT;
  // From the first digit behind the point on; zeros at the end are not written.
  for (let digit = unit / 10; rest > 0; digit /= 10) {
    const value = (rest / digit) | 0;
    into[at++] = ZERO + value;
    rest -= value * digit;
  }
  return at;
}

const [ZERO, POINT, QUOTE, BACKSLASH, SPACE] = Buffer.from('0."\\ ');

function recordOf<K extends string, V>(keys: readonly K[], valueOf: (key: K) => V): Record<K, V> {
  return Object.fromEntries(keys.map((key) => [key, valueOf(key)])) as Record<K, V>;
}
