import { hash } from "node:crypto";

/**
 * Each id's place in the order of the SHA-256 of its UTF-8 bytes. It is an order that says nothing
 * about the items, unlike that of their names, and that DuckDB, BigQuery and Python know too.
 */
export function hashPlaces(ids: readonly string[]): Int32Array {
  const hashes = ids.map((id) => hash("sha256", id));
  const order = Int32Array.from(ids, (_, k) => k).sort((a, b) => (hashes[a] < hashes[b] ? -1 : 1));
  const places = new Int32Array(ids.length);
  order.forEach((k, place) => (places[k] = place));
  return places;
}
