import { readFileSync } from "node:fs";
import { itemOf } from "../adapters/gcp/datastore.ts";
import { DATASTORE, neighboursKey } from "../contracts/datastore.ts";
import type { CatalogueRow } from "../contracts/jobs.ts";
import { perTable } from "../contracts/tables.ts";
import { compareUtf8, millionths } from "../core/text/order.ts";
import { decodeSnapshot, type Snapshot } from "../core/model/decode.ts";
import { encodeSnapshot } from "../core/model/encode.ts";
import type { ItemStore, PopularItems } from "../night/state/item-store.ts";

interface GoldenModel {
  shop: string;
  model: string;
  catalogue: CatalogueRow[];
  neighbours: { scenario: string; item: string; neighbours: { item: string; score: number }[] }[];
  entities: { kind: string; name: string; properties: Record<string, unknown> }[];
}

/** A model as the similarity stage leaves it, and its entities as templates/ writes them. */
export const goldenModel = JSON.parse(
  readFileSync(new URL("../contracts/golden/entities.json", import.meta.url), "utf8"),
) as GoldenModel;

/** The golden model as the adapter of Datastore reads it. */
export function goldenItems(): ItemStore {
  const find = (kind: string, name: string): unknown =>
    goldenModel.entities.find((entity) => entity.kind === kind && entity.name === name)?.properties;
  return {
    itemsOf: async (model, ids) =>
      new Map(
        ids.flatMap((id) => {
          const entity = find(DATASTORE.neighbours, neighboursKey(id, model));
          return entity ? [[id, itemOf(id, entity)]] : [];
        }),
      ),
    popularOf: async (model) => find(DATASTORE.model, model) as PopularItems,
  };
}

/** The snapshot of the golden model. */
export function goldenSnapshot(): Snapshot {
  const rows = goldenModel.catalogue.toSorted((a, b) => compareUtf8(a.item, b.item));
  const ids = rows.map(({ item }) => item);
  const table = (scenario: string) => {
    const listOf = (id: string) =>
      goldenModel.neighbours.find((row) => row.scenario === scenario && row.item === id)?.neighbours ?? [];
    const lists = ids.map(listOf);
    const offset = new Int32Array(ids.length + 1);
    lists.forEach((list, row) => (offset[row + 1] = offset[row] + list.length));
    return {
      offset,
      item: Int32Array.from(lists.flat(), ({ item }) => ids.indexOf(item)),
      score: Int32Array.from(lists.flat(), ({ score }) => millionths(score)),
    };
  };
  const numbers = (name: "users" | "views" | "purchases") => Int32Array.from(rows, (row) => row[name]);
  const catalogue = {
    name: rows.map(({ name }) => name),
    category: rows.map(({ category }) => category),
    price: rows.map(({ price }) => price),
    available: rows.map(({ available }) => available),
    users: numbers("users"),
    views: numbers("views"),
    purchases: numbers("purchases"),
  };
  return decodeSnapshot(encodeSnapshot({ ids, tables: perTable(table), catalogue }));
}
