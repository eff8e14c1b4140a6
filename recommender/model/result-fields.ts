import type { ItemDetails } from "../../contracts/http/catalogue.ts";
import type { ResultField } from "../../contracts/http/recommendation.ts";
import type { Ranked } from "./store.ts";

/** All that a request can ask of a result's item. Null: unknown. */
export interface ShownItem extends ItemDetails {
  link: string | null;
  image: string | null;
}

/** A ranking with what its request asks of the items, each as the inside of a JSON object. */
export function withFields(
  ranked: Ranked,
  fields: readonly ResultField[] | undefined,
  shownItem: (row: number) => ShownItem,
): Ranked {
  if (!fields || fields.length === 0) return ranked;
  const distinct = [...new Set(fields)];
  const details = ranked.results.map(({ row }) => {
    const item = shownItem(row);
    return distinct.map((field) => `"${field}":${JSON.stringify(item[field])}`).join(",");
  });
  return { ...ranked, details };
}

/** Stands for items that could not be looked up in time. */
export const UNKNOWN: ItemDetails = { name: null, category: null, price: null, available: null };
