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
 * Users' lists, in a database of their own (LISTS_DATABASE). The namespace is the shop, the key
 * name a hash of model, scope and user. Properties: user, the only one that is indexed; model,
 * scope and expireAt; and what stands below.
 */
export const LISTS = {
  /** list: the text of the list (day/personal-lists.ts), as JSON. */
  list: "List",
  /** holder: the id of the task that may compute the list until expireAt. */
  claim: "Claim",
} as const;

/**
 * The property with an entity's expiry, in all kinds: a TTL policy deletes entities then, which may
 * take a day longer.
 */
export const EXPIRES = "expireAt";

/**
 * Number of popular items in a model's entity. It must exceed the longest query: a query's own
 * items are left out of its answer.
 */
export const POPULAR_ITEMS = 1000;

export const neighboursKey = (item: string, model: string) => `${item}:${model}`;
