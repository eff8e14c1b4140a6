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
 * Reviews, in a database of their own (REVIEWS_DATABASE). Nothing of it expires. The namespace is
 * the shop. What is indexed are texts that sort, each made of what one query asks for. So Datastore
 * needs the index of one property alone for each query, which it has by itself. In them items and
 * users are hashes, and times have 15 digits. The other properties are in
 * adapters/gcp/reviews/entities.ts.
 */
export const REVIEWS = {
  /**
   * A review. The key name is its id. Indexed are came: `<at>:<id>`, place: `<item>:<at>:<id>`, and
   * author: `<user>:<at>:<id>`. While it has a task, state: `<state>:<at>:<id>`, where the state is
   * waiting, rescoring or failed. While it waits, queue: `<item>:<rank>:<at>:<id>`, where the rank
   * is 0, or 1 for rescoring.
   */
  review: "Review",
  /**
   * An item's sums and its queue. The key name is the item's hash. changed: when it was written,
   * in milliseconds. While a review of it waits, due: `<rank><time><at>`, from when on it may be
   * taken.
   */
  item: "ReviewedItem",
  /** The times of a user's latest reviews, for the limits. The key name is the user's hash. */
  writer: "Writer",
  /** The review of an Idempotency-Key. The key name is the key's hash. */
  key: "IdempotencyKey",
  /** Reviews by label and tenth of their sentiment: several, so that none is written too often. */
  labels: "Labels",
} as const;

/**
 * The property with an entity's expiry, in all kinds but those of reviews: a TTL policy deletes
 * entities then, which may take a day longer.
 */
export const EXPIRES = "expireAt";

/**
 * Number of popular items in a model's entity. It must exceed the longest query: a query's own
 * items are left out of its answer.
 */
export const POPULAR_ITEMS = 1000;

export const neighboursKey = (item: string, model: string) => `${item}:${model}`;
