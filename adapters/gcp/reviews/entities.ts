import type { Datastore, Key } from "@google-cloud/datastore";
import { Type, type Static } from "typebox";
import { Value } from "typebox/value";
import { REVIEWS } from "../../../contracts/datastore.ts";
import type { Review, ReviewTask } from "../../../day/reviews/review-store.ts";
import { cameAt, hashOf, placed, queued, type State } from "./sorting.ts";

type Kind = (typeof REVIEWS)[keyof typeof REVIEWS];

const Maybe = (schema: ReturnType<typeof Type.String>) => Type.Union([schema, Type.Null()]);
const Whole = Type.Integer();

const ReviewFields = Type.Object({
  user: Type.String(),
  item: Type.String(),
  stars: Whole,
  text: Type.String(),
  at: Whole,
  /** The name of its IdempotencyKey. */
  key: Maybe(Type.String()),
  traceparent: Type.String(),
  tries: Whole,
  faults: Whole,
  /** Why it was set aside. */
  reason: Maybe(Type.String()),
  /** The Classification, as JSON. */
  scored: Maybe(Type.String()),
});

const ItemFields = Type.Object({
  item: Type.String(),
  reviews: Whole,
  stars: Whole,
  scored: Whole,
  /** In millionths. */
  sentiment: Whole,
  changed: Whole,
  due: Type.Optional(Type.String()),
  /** Of its first review, which is `head`. A postponed one has no lease. */
  lease: Maybe(Type.String()),
  head: Maybe(Type.String()),
});

/** recent: JSON of [hash of the item, at] of each. */
const WriterFields = Type.Object({ recent: Type.String() });
const KeyFields = Type.Object({ review: Type.String() });
/** counts: JSON of label → reviews by tenth. */
const LabelsFields = Type.Object({ counts: Type.String() });

export interface StoredReview extends Omit<Static<typeof ReviewFields>, "scored"> {
  id: string;
  state: State | null;
  scored: Review["scored"];
}

export type StoredItem = Static<typeof ItemFields>;
export type Recent = [item: string, at: number][];
export type LabelCounts = Record<string, number[]>;

/** Keys and entities of one shop. */
export function entitiesOf(client: Datastore, shop: string) {
  const named = (kind: Kind, name: string): Key => client.key({ namespace: shop, path: [kind, name] });
  const keys = {
    review: (id: string) => named(REVIEWS.review, id),
    item: (item: string) => named(REVIEWS.item, hashOf(item)),
    itemNamed: (name: string) => named(REVIEWS.item, name),
    writer: (user: string) => named(REVIEWS.writer, hashOf(user)),
    key: (name: string) => named(REVIEWS.key, name),
    labels: (shard: number) => named(REVIEWS.labels, `${shard}`),
  };
  const plain = (key: Key, data: object) => ({ key, data, excludeFromIndexes: Object.keys(data) });
  return {
    keys,
    review({ id, state, scored, ...fields }: StoredReview) {
      const { user, item, at } = fields;
      const owner = hashOf(item);
      const data = { ...fields, scored: scored && JSON.stringify(scored) };
      const waits = state === "waiting" || state === "rescoring";
      return {
        key: keys.review(id),
        excludeFromIndexes: Object.keys(data),
        data: {
          ...data,
          came: cameAt(at, id),
          place: placed(owner, at, id),
          author: placed(hashOf(user), at, id),
          ...(state ? { state: placed(state, at, id) } : {}),
          ...(waits ? { queue: queued(owner, state, at, id) } : {}),
        },
      };
    },
    item({ due, ...fields }: StoredItem) {
      const excludeFromIndexes = Object.keys(fields).filter((name) => name !== "changed");
      return {
        key: keys.item(fields.item),
        excludeFromIndexes,
        data: { ...fields, ...(due === undefined ? {} : { due }) },
      };
    },
    writer: (user: string, recent: Recent) => plain(keys.writer(user), { recent: JSON.stringify(recent) }),
    key: (name: string, review: string) => plain(keys.key(name), { review }),
    labels: (shard: number, counts: LabelCounts) =>
      plain(keys.labels(shard), { counts: JSON.stringify(counts) }),
  };
}
export type Entities = ReturnType<typeof entitiesOf>;

/** What was found; null: there is none. @throws Error for what no Steamer has written. */
export function storedReview(client: Datastore, entity: unknown): StoredReview | null {
  if (entity === undefined) return null;
  const fields = checked(ReviewFields, entity, REVIEWS.review);
  const { state } = entity as { state?: string };
  const { user, item, stars, text, at, key, traceparent, tries, faults, reason, scored } = fields;
  return {
    id: nameOf(client, entity),
    ...{ user, item, stars, text, at, key, traceparent, tries, faults, reason },
    state: (state?.split(":", 1)[0] ?? null) as State | null,
    scored: scored === null ? null : (JSON.parse(scored) as Review["scored"]),
  };
}

export const storedItem = (entity: unknown): StoredItem | null =>
  entity === undefined ? null : { ...checked(ItemFields, entity, REVIEWS.item) };

export const recentOf = (entity: unknown): Recent =>
  entity === undefined ? [] : (JSON.parse(checked(WriterFields, entity, REVIEWS.writer).recent) as Recent);

export const reviewOfKey = (entity: unknown): string | null =>
  entity === undefined ? null : checked(KeyFields, entity, REVIEWS.key).review;

export const labelsOf = (entity: unknown): LabelCounts =>
  entity === undefined
    ? {}
    : (JSON.parse(checked(LabelsFields, entity, REVIEWS.labels).counts) as LabelCounts);

export const nameOf = (client: Datastore, entity: unknown) =>
  (entity as { [key: symbol]: Key })[client.KEY].name!;

export const reviewOf = ({ id, user, item, stars, text, at, scored }: StoredReview): Review => ({
  ...{ id, user, item, stars, text, at, scored },
});

export function taskOf(shop: string, review: StoredReview, lease: string): ReviewTask {
  const { id, item, text, traceparent, state, tries, faults } = review;
  return { id, shop, item, text, traceparent, isAgain: state === "rescoring", tries, faults, lease };
}

function checked<
  S extends
    typeof ReviewFields | typeof ItemFields | typeof WriterFields | typeof KeyFields | typeof LabelsFields,
>(schema: S, entity: unknown, kind: Kind): Static<S> {
  if (!Value.Check(schema, entity))
    throw new Error(`an entity of ${kind} is not what adapters/gcp/reviews/entities.ts says`);
  return entity;
}
