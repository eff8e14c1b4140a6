import { timingSafeEqual } from "node:crypto";
import { SOURCES, type Result, type Source } from "../../contracts/recommendation.ts";
import { SCENARIO_NAMES, type ScenarioName } from "../../contracts/scenarios.ts";
import { murmur3 } from "../../core/similarity/hash.ts";
import { createHmacSha256 } from "./hmac.ts";

/** How long after an answer its events count: a purchase may take days. */
export const TOKEN_DAYS = 7;

/** What a token says of the answer that it came with. */
export interface Attribution {
  scenario: ScenarioName;
  model: string;
  /** The place of an item in the answer, from 0, and where it came from; null if the item was not in it. */
  find(item: string): { place: number; source: Source } | null;
}

/** Why a token does not count. */
export type TokenFault = "forged" | "expired";

export interface Tokens {
  sign(answer: { results: readonly Result[]; model: string }, scenario: ScenarioName, now: number): string;
  read(token: string, now: number): Attribution | TokenFault;
}

/**
 * A token is base64url of: version, scenario, how many results came from each source (in that order), the minute in
 * which it expires, the model, three bytes of each item's hash, and 16 bytes of an HMAC-SHA-256 of all that. It
 * names no customer, and nobody can make one up.
 */
export function createTokens(key: Uint8Array): Tokens {
  const hmac = createHmacSha256(key);
  const macOf = (data: Uint8Array) => hmac(data).subarray(0, MAC);

  return {
    sign({ results, model }, scenario, now) {
      const length = HEAD + model.length + 3 * results.length;
      const bytes = Buffer.allocUnsafe(length + MAC).fill(0, 0, HEAD);
      bytes[0] = VERSION;
      bytes[1] = SCENARIO_NAMES.indexOf(scenario);
      for (const { source } of results) bytes[2 + SOURCES.indexOf(source)]++;
      bytes.writeUInt32BE(Math.ceil(now / 60_000) + TOKEN_DAYS * 1440, 5);
      bytes[9] = model.length;
      bytes.write(model, HEAD, "latin1");
      let at = HEAD + model.length;
      for (const { item } of results) {
        bytes.writeUIntBE(hashOf(item), at, 3);
        at += 3;
      }
      macOf(bytes.subarray(0, length)).copy(bytes, length);
      return bytes.toString("base64url");
    },

    read(token, now) {
      const bytes = Buffer.from(token, "base64url");
      const length = bytes.length - MAC;
      // Base64 has several ways to write the same bytes: a token has one, or an event of it could count twice.
      const isOurs = length >= HEAD && bytes[0] === VERSION && bytes.toString("base64url") === token;
      if (!isOurs || !isEqual(bytes, macOf(bytes.subarray(0, length)))) return "forged";
      if (now / 60_000 > bytes.readUInt32BE(5)) return "expired";
      const start = HEAD + bytes[9];
      return {
        scenario: SCENARIO_NAMES[bytes[1]],
        model: bytes.toString("latin1", HEAD, start),
        find(item) {
          const wanted = hashOf(item);
          for (let place = 0, at = start; at < length; place++, at += 3)
            if (bytes.readUIntBE(at, 3) === wanted) return { place, source: sourceAt(bytes, place) };
          return null;
        },
      };
    },
  };
}

const VERSION = 1;
const HEAD = 10;
const MAC = 16;

const hashOf = (item: string) => murmur3(item) >>> 8;
const isEqual = (bytes: Buffer, mac: Buffer) => timingSafeEqual(bytes.subarray(bytes.length - MAC), mac);

/** Results of the model come first, then popular ones of a category, then others. */
function sourceAt(bytes: Buffer, place: number): Source {
  if (place < bytes[2]) return SOURCES[0];
  return place < bytes[2] + bytes[3] ? SOURCES[1] : SOURCES[2];
}
