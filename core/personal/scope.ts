import type { Snapshot } from "../model/decode.ts";

/** The items of a scope. */
export interface Scope {
  /** By popularity. */
  rows: Int32Array;
  /** The number of users of each, where not all users count. */
  users?: Int32Array;
  has(row: number): boolean;
}

/** A category, else a scope of users; undefined for a name that is neither. */
export function scopeNamed(
  { findCategory, popularIn, isIn, scopeItems }: Snapshot,
  name: string,
): Scope | undefined {
  const category = findCategory(name);
  if (category >= 0) return { rows: popularIn(category), has: (row) => isIn(row, category) };
  const items = scopeItems(name);
  if (!items) return undefined;
  const rows = new Set(items.rows);
  return { ...items, has: (row) => rows.has(row) };
}
