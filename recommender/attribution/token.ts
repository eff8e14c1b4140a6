import { randomInt, timingSafeEqual } from "node:crypto";
import { MAX_RESULTS, type Source } from "../../contracts/http/recommendation.ts";
import { TABLE_NAMES, type TableName } from "../../contracts/tables.ts";
import type { EncodedIds } from "../../core/model/row-ids.ts";
import { murmur3 } from "../../core/text/hash.ts";
import { createHmacSha256 } from "./hmac.ts";

/** Days after an answer in which its events count: a purchase may take some. */
export const TOKEN_DAYS = 7;

/** The facts that a token carries of its answer. */
export interface Attribution {
  scenario: TableName;
  model: string;
  /**
   * The place of an item in the answer, from 0, and its source; null if the answer lacks the item.
   */
  find(item: string): { place: number; source: Source } | null;
}

/** Why a token does not count. */
export type TokenFault = "forged" | "expired";

/** The parts of an answer that its token speaks of. */
export interface Signed {
  model: string;
  scenario: TableName;
  results: readonly { row: number; source: Source }[];
  ids: Pick<EncodedIds, "idHashOf">;
  /** The time of the answer, in milliseconds. */
  at: number;
}

export interface Tokens {
  sign(answer: Signed): string;
  read(token: string, now: number): Attribution | TokenFault;
}

/**
 * A token is base64url of: version (which tells personal answers from others, and a scope of users
 * from categories), scenario, how many results are of each kind, the minute in which
 * it expires, a number of its own (equal answers to two customers are two answers), the model,
 * three bytes of each item's hash, zeros up to a multiple of three bytes, and the first 18 bytes of
 * an HMAC-SHA-256 of all that. It names no customer, and nobody can make one up.
 */
export function createTokens(key: Uint8Array): Tokens {
  const hmac = createHmacSha256(key, LONGEST, MAC_TEXT);
  // Where instances begin differs, so that theirs hardly ever meet.
  let serial = randomInt(2 ** 32);

  function write(into: Buffer, { model, scenario, results, ids, at: now }: Signed): number {
    // Byte by byte: for so few, each call of a Buffer's own methods costs more than they do.
    let told = 0;
    into[1] = TABLE_NAMES.indexOf(scenario);
    for (let k = 0; k < KINDS; k++) into[2 + k] = 0;
    for (const { source } of results) {
      into[2 + KIND_OF[source]]++;
      if (source === "personal") told |= PERSONAL;
      if (source === "popular_in_scope") told |= IN_SCOPE;
    }
    into[0] = VERSION + told;
    into.writeUInt32BE(Math.ceil(now / 60_000) + TOKEN_DAYS * 1440, 5);
    into.writeUInt32BE((serial = (serial + 1) >>> 0), 9);
    into[13] = model.length;
    let at = HEAD;
    for (let k = 0; k < model.length; k++) into[at++] = model.charCodeAt(k);
    for (const { row } of results) {
      const hash = firstBytes(ids.idHashOf(row));
      into[at++] = hash >>> 16;
      into[at++] = hash >>> 8;
      into[at++] = hash;
    }
    while (at % 3 !== 0) into[at++] = 0;
    return at;
  }

  return {
    sign: (answer) => hmac.sign(write, answer),

    read(token, now) {
      const text = token.slice(0, -MAC_TEXT);
      const bytes = Buffer.from(text, "base64url");
      // Base64 has several ways to write the same bytes: a token has one, or an event of it could
      // count twice.
      const isOurs =
        bytes.length >= HEAD &&
        bytes.length <= LONGEST &&
        bytes[0] >= VERSION &&
        bytes[0] <= VERSION + (PERSONAL | IN_SCOPE) &&
        bytes.toString("base64url") === text;
      if (!isOurs || !isEqual(token.slice(-MAC_TEXT), hmac.macOf(bytes))) return "forged";
      if (now / 60_000 > bytes.readUInt32BE(5)) return "expired";
      const start = HEAD + bytes[13];
      const places = bytes[2] + bytes[3] + bytes[4];
      return {
        scenario: TABLE_NAMES[bytes[1]],
        model: bytes.toString("latin1", HEAD, start),
        find(item) {
          const wanted = firstBytes(murmur3(item));
          for (let place = 0, at = start; place < places; place++, at += 3)
            if (bytes.readUIntBE(at, 3) === wanted) return { place, source: sourceAt(bytes, place) };
          return null;
        },
      };
    },
  };
}

const VERSION = 1;
// Added to the version, these tell apart what no answer has both of.
const PERSONAL = 1;
const IN_SCOPE = 2;
/** The kinds of results that are counted, in the order in which an answer has them. */
const KIND_OF: Record<Source, number> = {
  personal: 0,
  model: 0,
  popular_in_scope: 1,
  popular_in_category: 1,
  popular: 2,
};
const KINDS = 3;
const HEAD = 14;
const MAX_MODEL = 255;
const LONGEST = HEAD + MAX_MODEL + 3 * MAX_RESULTS + 2;
/** Characters of base64url for 18 bytes. */
const MAC_TEXT = 24;

/** The first three of four. */
const firstBytes = (hash: number) => hash >>> 8;
function isEqual(given: string, mac: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(mac)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function sourceAt(bytes: Buffer, place: number): Source {
  const told = bytes[0] - VERSION;
  if (place < bytes[2]) return told & PERSONAL ? "personal" : "model";
  if (place >= bytes[2] + bytes[3]) return "popular";
  return told & IN_SCOPE ? "popular_in_scope" : "popular_in_category";
}
