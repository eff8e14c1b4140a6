import { hash } from "node:crypto";
import { packageVersion } from "../adapters/version.ts";
import type { LoadedModel } from "./current-model.ts";

/**
 * Names the state that answers are made from: the release, its options, the model and what is taken down. The same address has
 * the same answer while it stays, so a browser may keep it. Not where parts of the model may be out of reach: what
 * was filled with popular items then must not be kept.
 */
export function createStateTag(options: unknown): (model: LoadedModel) => string | null {
  const own = JSON.stringify([packageVersion(), options]);
  let last: { name: string; blocked: ReadonlySet<string>; tag: string } | null = null;
  return (model) => {
    if (!model.isConstant) return null;
    const blocked = model.blocked();
    if (last?.name !== model.name || last.blocked !== blocked) {
      const state = JSON.stringify([own, model.name, [...blocked].sort()]);
      last = { name: model.name, blocked, tag: hash("sha256", state).slice(0, 16) };
    }
    return last.tag;
  };
}

/** Weak: tokens and times may differ between equal answers. */
export const weakTag = (...parts: string[]) => `W/"${parts.join("-")}"`;

/** Whether an If-None-Match header names the tag, alone or in a list. */
export function matches(header: string | undefined, tag: string): boolean {
  return header !== undefined && (header === tag || header.split(",").some((one) => one.trim() === tag));
}
