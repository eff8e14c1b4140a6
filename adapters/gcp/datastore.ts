import { Type, type Static } from "typebox";
import { Value } from "typebox/value";
import { DATASTORE, neighboursKey } from "../../contracts/datastore.ts";
import { Problem } from "../../contracts/problem.ts";
import { inTime } from "../in-time.ts";
import { projectOf, type Place } from "./clients.ts";
import { asking } from "./failures.ts";

const Texts = Type.Array(Type.String());
const Numbers = Type.Array(Type.Number());

const Text = Type.Union([Type.String(), Type.Null()]);

/** An item: its neighbours, best first, with their scores; and what the catalogue says of it. */
const ItemEntity = Type.Object({
  items: Texts,
  scores: Numbers,
  togetherItems: Texts,
  togetherScores: Numbers,
  name: Text,
  category: Text,
  price: Type.Union([Type.Number(), Type.Null()]),
  available: Type.Boolean(),
});
export type ItemEntity = Static<typeof ItemEntity>;

/** How many items a model has, the most popular of them, and how many users each of these had. */
const PopularItems = Type.Object({ items: Type.Integer(), popular: Texts, users: Numbers });
export type PopularItems = Static<typeof PopularItems>;

/** The models of a shop as entities, to be read by key; contracts/datastore.ts says how they lie there. */
export interface NeighbourEntities {
  /**
   * All these items in one lookup, at most `MAX_LOOKED_UP`. Items that the model does not have are left out.
   * @throws when Datastore fails, or has not answered in time.
   */
  neighbours(model: string, items: string[], deadlineMs?: number): Promise<Map<string, ItemEntity>>;
  /**
   * The popular items of a model.
   * @throws Problem when Datastore does not have the model, or may not be read.
   */
  popular(model: string): Promise<PopularItems>;
}

/** Datastore looks up to so many keys up at once. */
export const MAX_LOOKED_UP = 1000;

/** How long what is read when a model is loaded may take: no customer waits. */
const LOAD_DEADLINE_MS = 10_000;

/** Opens a shop's Datastore. Connections are made by the first lookup. */
export async function openDatastore(place: Place, shop: string): Promise<NeighbourEntities> {
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
    async neighbours(model, items, deadlineMs = LOAD_DEADLINE_MS) {
      const names = items.map((item) => neighboursKey(item, model));
      const lookup = lookUp(DATASTORE.neighbours, names, deadlineMs);
      // The client's own deadline does not cover what it does before a call, such as finding credentials.
      const found = await inTime(lookup, deadlineMs, `Datastore did not answer within ${deadlineMs} ms`);
      const entities = items.map((item, k) => [item, found.get(names[k])] as const);
      return new Map(entities.flatMap(([item, entity]) => (entity ? [[item, checked(item, entity)]] : [])));
    },

    async popular(model) {
      const doing = `Loading model ${model} of ${shop} from Datastore`;
      const next = "give the recommender's service account the role roles/datastore.viewer";
      const found = await asking(doing, next, () => lookUp(DATASTORE.model, [model], LOAD_DEADLINE_MS));
      const entity = found.get(model);
      if (!Value.Check(PopularItems, entity)) throw noModel(doing, entity);
      return { items: entity.items, popular: entity.popular, users: entity.users };
    },
  };
}

/** Only what answers need: it is what a cache keeps. */
function checked(item: string, entity: unknown): ItemEntity {
  if (Value.Check(ItemEntity, entity) && isWhole(entity)) {
    const { items, scores, togetherItems, togetherScores, name, category, price, available } = entity;
    return { items, scores, togetherItems, togetherScores, name, category, price, available };
  }
  throw new Error(`the entity of ${JSON.stringify(item)} is not what contracts/datastore.ts says`);
}

const isWhole = ({ items, scores, togetherItems, togetherScores }: ItemEntity) =>
  items.length === scores.length && togetherItems.length === togetherScores.length;

function noModel(doing: string, entity: unknown): Problem {
  const why = entity ? "its entity is not what contracts/datastore.ts says" : "it is not there";
  const next =
    "fill Datastore (the setting stores=both, then a night), or serve from the snapshot (store=snapshot)";
  return new Problem({ doing, why, next });
}
