/**
 * The layout of a model in Datastore (Firestore in Datastore mode). The namespace is the shop. No
 * property is indexed: a burst of writes would make the index a hot spot. golden/entities.json has
 * example rows and their entities.
 */
export const DATASTORE = {
  /**
   * One entity for each item and model. The key name is `<item>:<model>`. The item comes first, so
   * that a night's writes spread over the key range. Properties: the lists of each table
   * (`properties` in tables.ts, best first), name, category, price, available, users, expireAt.
   */
  neighbours: "Neighbours",
  /**
   * One entity for each model. The key name is `<model>`. Properties: items (their number), popular
   * (item ids), users (one number for each popular item), expireAt. Popular items are sorted by
   * falling number of users, then by the UTF-8 bytes of their ids.
   */
  model: "Model",
} as const;

/**
 * Number of popular items in a model's entity. It must exceed the longest query: a query's own
 * items are left out of its answer.
 */
export const POPULAR_ITEMS = 1000;

export const neighboursKey = (item: string, model: string) => `${item}:${model}`;
