import { Type } from "typebox";
import { Value } from "typebox/value";
import { DATASTORE, neighboursKey } from "../../contracts/datastore.ts";
import { Problem } from "../../contracts/problem.ts";
import { MAIN_TABLE, perTable, type TableDefinition, type TableName } from "../../contracts/tables.ts";
import type { ItemStore, NeighbourList, StoredItem } from "../../night/state/item-store.ts";
import { inTime } from "../in-time.ts";
import { projectOf, type Place } from "./clients.ts";
import { asking } from "./failures.ts";

const Texts = Type.Array(Type.String());
const Numbers = Type.Array(Type.Number());
const Text = Type.Union([Type.String(), Type.Null()]);

/** The part of an item's entity that is the same whatever tables a model has. */
const Details = Type.Object({
  name: Text,
  category: Text,
  price: Type.Union([Type.Number(), Type.Null()]),
  available: Type.Boolean(),
});

const Popular = Type.Object({ items: Type.Integer(), popular: Texts, users: Numbers });

/** How long what is read when a model is loaded may take: no customer waits. */
const LOAD_DEADLINE_MS = 10_000;

/** Opens a shop's models in Datastore. Connections are made by the first lookup. */
export async function openDatastore(place: Place, shop: string): Promise<ItemStore> {
  const { Datastore } = await import("@google-cloud/datastore");
  const address = place.endpoints.datastore;
  const options = { projectId: projectOf(place), namespace: shop };
  const client = new Datastore({ ...options, ...(address ? { apiEndpoint: address } : {}) });

  /** Entities by the name of their key: they come in any order, and those that are missing do not come at all. */
  async function lookUp(kind: string, names: string[], deadlineMs: number): Promise<Map<string, unknown>> {
    const keys = names.map((name) => client.key([kind, name]));
    // The client asks again for what Datastore defers, and for what fails in passing, until the deadline.
    const [entities] = (await client.get(keys, { gaxOptions: { timeout: deadlineMs } })) as [
      { [Datastore.KEY]: { name: string } }[],
    ];
    return new Map(entities.map((entity) => [entity[Datastore.KEY].name, entity]));
  }

  return {
    async itemsOf(model, ids, deadlineMs = LOAD_DEADLINE_MS) {
      const names = ids.map((id) => neighboursKey(id, model));
      const lookup = lookUp(DATASTORE.neighbours, names, deadlineMs);
      // The client's own deadline does not cover what it does before a call, such as finding credentials.
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
 * Reads an item from its entity. Only what answers need is taken: it is what a cache keeps.
 * @throws Error when the entity is not what contracts/datastore.ts says.
 */
export function itemOf(id: string, entity: unknown): StoredItem {
  const lists = perTable((name, { properties }) => listOf(entity, name, properties));
  if (!Value.Check(Details, entity) || !areWhole(lists))
    throw new Error(`the entity of ${JSON.stringify(id)} is not what contracts/datastore.ts says`);
  const { name, category, price, available } = entity;
  return { lists, name, category, price, available };
}

/** Null when the entity's list is not whole. A model from before a table was registered has none of it. */
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
