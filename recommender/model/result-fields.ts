import type { ItemDetails } from "../../contracts/http/catalogue.ts";
import type { ResultField } from "../../contracts/http/recommendation.ts";
import type { Ranked } from "./store.ts";

/** A ranking with what its request asks of the items, each as the inside of a JSON object. */
export function withFields(
  ranked: Ranked,
  fields: readonly ResultField[] | undefined,
  detailsOf: (row: number) => ItemDetails,
): Ranked {
  if (!fields || fields.length === 0) return ranked;
  const distinct = [...new Set(fields)];
  const details = ranked.results.map(({ row }) => {
    const item = detailsOf(row);
    return distinct.map((field) => `"${field}":${JSON.stringify(item[field])}`).join(",");
  });
  return { ...ranked, details };
}

/** What a request asks of an item. */
export const fieldsOf = (item: ItemDetails, fields: readonly ResultField[]): Partial<ItemDetails> =>
  Object.fromEntries(fields.map((field) => [field, item[field]]));

/** Stands for items that could not be looked up in time. */
export const UNKNOWN: ItemDetails = {
  name: null,
  category: null,
  price: null,
  available: null,
  link: null,
  image: null,
};
