/**
 * How a model lies in Datastore (Firestore in Datastore mode). The namespace is the shop. No property is indexed: an
 * index on values that are written in one burst would be a hot spot. golden/entities.json has rows and their entities.
 */
export const DATASTORE = {
  /**
   * One entity an item. Key name `<item>:<model>`: the item first, so that a night's writes spread
   * over the key range. Properties: those of each table (`properties` in tables.ts, best first),
   * name, category, price, available, users, expireAt.
   */
  neighbours: "Neighbours",
  /**
   * One entity a model. Key name `<model>`. Properties: items (how many), popular (ids, most users
   * first, then id by its UTF-8 bytes), users (of those), expireAt.
   */
  model: "Model",
} as const;

/** How many popular items a model's entity holds: what fills an answer must outlast its longest query. */
export const POPULAR_ITEMS = 1000;

export const neighboursKey = (item: string, model: string) => `${item}:${model}`;
