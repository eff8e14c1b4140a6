import { createHmac, hash } from "node:crypto";
import { packageVersion } from "../../adapters/version.ts";
import type { LoadedModel } from "../model/loaded-model.ts";

const HOUR_MS = 3_600_000;

/** Null where an answer may not be kept. */
export type StateTag = (model: LoadedModel, now: number) => string | null;

/**
 * Names the state that answers are made from: the release, its options, the key of their tokens,
 * the model, what was pushed, what is taken down, the ratings, and the hour, so that no kept answer
 * has a token that has expired or is not ours. The same address has the same answer while it stays,
 * so a browser may keep it.
 * Not where parts of the model may be out of reach: what was filled with popular items then must
 * not be kept. Weak: tokens and times may differ between equal answers.
 */
export function createStateTag(options: unknown, tokenKey: Uint8Array, ratings = () => ""): StateTag {
  // Tells one key from another, and nothing of it.
  const keyName = createHmac("sha256", tokenKey).update("the name of this key").digest("base64url");
  const own = JSON.stringify([packageVersion(), options, keyName]);
  let last: { state: unknown[]; tag: string } | null = null;
  return (model, now) => {
    if (model.ranking.when === "later") return null;
    const blocked = model.blocked();
    const state: unknown[] = [model.name, model.stock(), blocked, Math.floor(now / HOUR_MS), ratings()];
    if (!last || state.some((part, k) => part !== last!.state[k])) {
      const text = JSON.stringify([own, ...state.toSpliced(2, 1, [...blocked].sort())]);
      last = { state, tag: `W/"${hash("sha256", text).slice(0, 16)}"` };
    }
    return last.tag;
  };
}

/**
 * True when an If-None-Match header names the tag, alone or in a list, or any (`*`). Compared
 * weakly (RFC 9110, 8.8.3.2): what packs an answer on the way may make its tag a weak one.
 */
export function matches(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  const own = opaque(tag);
  return header === tag || header.split(",").some((one) => ["*", own].includes(opaque(one.trim())));
}

const opaque = (tag: string) => tag.replace(/^W\//, "");
