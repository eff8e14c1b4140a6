import { Type } from "typebox";
import { Value } from "typebox/value";
import { DATASTORE, neighboursKey } from "../../contracts/datastore.ts";
import { Problem } from "../../contracts/problem.ts";
import { MAIN_TABLE, perTable, type TableDefinition, type TableName } from "../../contracts/tables.ts";
import type { ItemStore, NeighbourList, StoredItem } from "../../night/state/item-store.ts";
import { inTime } from "../in-time.ts";
import { datastore, type Place } from "./clients.ts";
import { asking } from "./failures.ts";

const Texts = Type.Array(Type.String());
const Numbers = Type.Array(Type.Number());
const Text = Type.Union([Type.String(), Type.Null()]);

/** The part of an item's entity that does not depend on the model's tables. */
const Details = Type.Object({
  name: Text,
  category: Text,
  price: Type.Union([Type.Number(), Type.Null()]),
  available: Type.Union([Type.Boolean(), Type.Null()]),
});

const Popular = Type.Object({ items: Type.Integer(), popular: Texts, users: Numbers });

/** The deadline for what is read when a model is loaded. No customer waits for it. */
const LOAD_DEADLINE_MS = 10_000;

/** Opens a shop's models in Datastore. Connections are made by the first lookup. */
export async function openDatastore(place: Place, shop: string): Promise<ItemStore> {
  const client = await datastore(place, { namespace: shop });

  /** Entities by key name. Datastore returns them in any order and leaves missing ones out. */
  async function lookUp(kind: string, names: string[], deadlineMs: number): Promise<Map<string, unknown>> {
    const keys = names.map((name) => client.key([kind, name]));
    // Until the deadline, the client repeats deferred keys and calls that fail in passing.
    const [entities] = (await client.get(keys, { gaxOptions: { timeout: deadlineMs } })) as [
      { [key: symbol]: { name: string } }[],
    ];
    return new Map(entities.map((entity) => [entity[client.KEY].name, entity]));
  }

  return {
    async itemsOf(model, ids, deadlineMs = LOAD_DEADLINE_MS) {
      const names = ids.map((id) => neighboursKey(id, model));
      const lookup = lookUp(DATASTORE.neighbours, names, deadlineMs);
      // The client's deadline does not cover its work before a call, such as finding credentials.
      const found = await inTime(lookup, deadlineMs, `Datastore did not answer within ${deadlineMs} ms`);
      const entities = ids.map((id, k) => [id, found.get(names[k])] as const);
      return new Map(entities.flatMap(([id, entity]) => (entity ? [[id, itemOf(id, entity)]] : [])));
    },

    async popularOf(model) {
      const doing = `Loading model ${model} of ${shop} from Datastore`;
      const next = "give the recommender's service account the role roles/datastore.viewer";
      const found = await asking(doing, next, () => lookUp(DATASTORE.model, [model], LOAD_DEADLINE_MS));
      const entity = found.get(model);
      if (!Value.Check(Popular, entity)) throw noModel(doing, entity);
      return { items: entity.items, popular: entity.popular, users: entity.users };
    },
  };
}

/**
 * Reads an item from its entity. It keeps only what answers need, because a cache holds it.
 * @throws Error when the entity does not fit contracts/datastore.ts.
 */
export function itemOf(id: string, entity: unknown): StoredItem {
  const lists = perTable((name, { properties }) => listOf(entity, name, properties));
  if (!Value.Check(Details, entity) || !areWhole(lists))
    throw new Error(`the entity of ${JSON.stringify(id)} is not what contracts/datastore.ts says`);
  const { name, category, price, available } = entity;
  // Entities have no links and images.
  return { lists, name, category, price, available, link: null, image: null };
}

/** Null when the entity's list is damaged. A model that is older than a table has no list of it. */
function listOf(
  entity: unknown,
  table: TableName,
  properties: TableDefinition["properties"],
): NeighbourList | null {
  const { [properties.items]: items, [properties.scores]: scores } = entity as Record<string, unknown>;
  const isOlder = table !== MAIN_TABLE && items === undefined && scores === undefined;
  if (isOlder) return { items: [], scores: [] };
  const isList = Value.Check(Texts, items) && Value.Check(Numbers, scores) && items.length === scores.length;
  return isList ? { items, scores } : null;
}

const areWhole = (lists: Record<string, NeighbourList | null>): lists is StoredItem["lists"] =>
  Object.values(lists).every((list) => list !== null);

function noModel(doing: string, entity: unknown): Problem {
  const why = entity ? "its entity is not what contracts/datastore.ts says" : "it is not there";
  const next =
    "fill Datastore (the setting stores=both, then a night), or serve from the snapshot (store=snapshot)";
  return new Problem({ doing, why, next });
}
