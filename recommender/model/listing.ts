import type { Snapshot } from "../../core/model/decode.ts";

/** Which items a page wants to list. */
export interface Listing {
  category?: string | undefined;
  /** Words that an item's id and name have, in any case. */
  search?: string | undefined;
  n: number;
}

export interface CategoryCount {
  category: string;
  items: number;
}

/** Rows between two pauses: reading a name costs a microsecond. */
const ROWS_AT_ONCE = 1000;

/**
 * The ids of a snapshot's items that fit, the most popular ones first. It works in steps: a shop
 * may have millions of items.
 */
export function* listedItems(
  { popular, popularIn, findCategory, idOf, nameOf }: Snapshot,
  { category, search, n }: Listing,
): Generator<void, string[]> {
  const fits = matcher(search);
  const found: string[] = [];
  const code = category === undefined ? undefined : findCategory(category);
  const rows = code === undefined ? popular : code < 0 ? new Int32Array() : popularIn(code);
  for (let k = 0; k < rows.length && found.length < n; k++) {
    if (k % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) yield;
    const id = idOf(rows[k]);
    if (fits(id, () => nameOf(rows[k]))) found.push(id);
  }
  return found;
}

/** Tells if an item has all words of a search in its id and name. */
export function matcher(search = ""): (id: string, name: () => string | null) => boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return () => true;
  return (id, name) => {
    const text = `${id} ${name() ?? ""}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
}

/** The categories of a snapshot by name, and how many items each has. */
export function countedCategories({ categoryName, popularIn }: Snapshot): CategoryCount[] {
  const counted: CategoryCount[] = [];
  for (let code = 0; ; code++) {
    const category = categoryName(code);
    if (category === null) return counted.sort(byName);
    counted.push({ category, items: popularIn(code).length });
  }
}

export const byName = (a: CategoryCount, b: CategoryCount) => (a.category < b.category ? -1 : 1);
