import { Datastore } from "@google-cloud/datastore";
import { DATASTORE, POPULAR_ITEMS, neighboursKey } from "../contracts/datastore.ts";
import type { ItemModel } from "../core/library.ts";

export interface Entity {
  kind: string;
  name: string;
  properties: Record<string, unknown>;
}

/** A model's entities as contracts/datastore.ts says; nothing is known of the items. */
export function entitiesOf(name: string, model: ItemModel): Entity[] {
  const ids = Array.from({ length: model.items }, (_, row) => model.idOf(row));
  const items = ids.map((id) => {
    const [similar, together] = [model.neighboursOf(id), model.neighboursOf(id, "together")];
    const properties = {
      items: similar.map(({ item }) => item),
      scores: similar.map(({ score }) => score),
      togetherItems: together.map(({ item }) => item),
      togetherScores: together.map(({ score }) => score),
      name: null,
      category: null,
      price: null,
      available: true,
      users: model.users[model.find(id)],
    };
    return { kind: DATASTORE.neighbours, name: neighboursKey(id, name), properties };
  });
  const popular = [...model.popular].slice(0, POPULAR_ITEMS);
  const lists = {
    popular: popular.map((row) => model.idOf(row)),
    users: popular.map((row) => model.users[row]),
  };
  return [...items, { kind: DATASTORE.model, name, properties: { items: ids.length, ...lists } }];
}

/** Writes entities as templates/ does: no property is indexed. */
export async function writeEntities(address: string, namespace: string, entities: Entity[]): Promise<void> {
  const client = new Datastore({ projectId: "steamer-test", namespace, apiEndpoint: address });
  await client.save(
    entities.map(({ kind, name, properties }) => ({
      key: client.key([kind, name]),
      data: properties,
      excludeFromIndexes: Object.entries(properties).map(([name, value]) =>
        Array.isArray(value) ? `${name}[]` : name,
      ),
    })),
  );
}
