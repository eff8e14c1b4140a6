import { randomUUID } from "node:crypto";
import type { Transaction } from "@google-cloud/datastore";
import { REVIEWS } from "../../../contracts/datastore.ts";
import {
  SENTIMENT_PARTS,
  type ReviewCounts,
  type ReviewTask,
  type ReviewTasks,
} from "../../../day/reviews/review-store.ts";
import type { Database } from "./database.ts";
import {
  entitiesOf,
  labelsOf,
  nameOf,
  storedItem,
  storedReview,
  taskOf,
  type StoredItem,
  type StoredReview,
} from "./entities.ts";
import { firstOf, freed, recount, SHARDS, summed, withWaiting } from "./items.ts";
import { laneOf } from "./reviews.ts";
import { dueAtIn, dueOf, dueRange, placed, rangeOf, rankOf, type State } from "./sorting.ts";

/** Reviews that are looked at in one step of having many wait again, and changed at once. */
const [STEP, AT_ONCE] = [500, 8];

/**
 * Reviews as tasks: see the port `ReviewTasks`. A lease is an item's: its entity has it, and the
 * review that it is for.
 */
export function tasksOf(database: Database, now: () => number): ReviewTasks {
  const { client } = database;
  const one = (entity: unknown) => storedReview(client, entity);

  async function lease(
    { shop, item }: { shop: string; item: string },
    at: number,
    until: number,
  ): Promise<ReviewTask | null> {
    return database.change([laneOf(shop, item)], async (transaction) => {
      const { keys, ...entities } = entitiesOf(client, shop);
      const [found] = await database.find([keys.item(item)], transaction);
      const of = storedItem(found);
      if (of?.due === undefined || dueAtIn(of.due) > at) return null;
      const first = await firstOf(database, transaction, { shop, item });
      const name = randomUUID();
      const due = first && dueOf(rankOf(first.state), until, first.at);
      transaction.save(entities.item(due ? { ...of, due, lease: name, head: first.id } : freed(of, null)));
      return first && taskOf(shop, first, name);
    });
  }

  /** Items with a review that is due, in the order of `take`. */
  async function due(shop: string, most: number, at: number): Promise<string[]> {
    const items: string[] = [];
    for (const rank of [0, 1]) {
      if (items.length >= most) break;
      const place = { shop, kind: REVIEWS.item, property: "due", range: dueRange(rank, at) };
      const found = await database.among({ ...place, most: most - items.length });
      items.push(...found.map((entity) => storedItem(entity)!.item));
    }
    return items;
  }

  /** Ends a lease, if it still holds. */
  const ending = (
    { shop, id, item, lease: name }: ReviewTask,
    change: (
      review: StoredReview,
      of: StoredItem,
      transaction: Transaction,
    ) => Promise<[StoredReview, StoredItem]>,
  ): Promise<boolean> =>
    database.change([laneOf(shop, item)], async (transaction) => {
      const { keys, ...entities } = entitiesOf(client, shop);
      const [ofItem, found] = await database.find([keys.item(item), keys.review(id)], transaction);
      const [of, review] = [storedItem(ofItem), one(found)];
      if (!of || !review || of.lease !== name || of.head !== id) return false;
      const [changed, changedItem] = await change(review, of, transaction);
      transaction.save(entities.review(changed));
      transaction.save(entities.item(changedItem));
      return true;
    });

  const next = (transaction: Transaction, { shop, item, id }: ReviewTask) =>
    firstOf(database, transaction, { shop, item }, id);

  /** Has a review wait, if it is still as `fits` says. */
  const requeue = (shop: string, { id, item }: StoredReview, fits: (review: StoredReview) => boolean) =>
    database.change([laneOf(shop, item)], async (transaction) => {
      const { keys, ...entities } = entitiesOf(client, shop);
      const [ofItem, found] = await database.find([keys.item(item), keys.review(id)], transaction);
      const review = one(found);
      if (!review || !fits(review)) return false;
      const state: State = review.scored ? "rescoring" : "waiting";
      const waiting = { ...review, state, tries: 0, faults: 0, reason: null };
      transaction.save(entities.review(waiting));
      transaction.save(entities.item(withWaiting(storedItem(ofItem)!, waiting)));
      return true;
    });

  async function requeueAll(shop: string, reviews: StoredReview[], fits: (review: StoredReview) => boolean) {
    let changed = 0;
    for (let k = 0; k < reviews.length; k += AT_ONCE) {
      const all = reviews.slice(k, k + AT_ONCE).map((review) => requeue(shop, review, fits));
      changed += (await Promise.all(all)).filter(Boolean).length;
    }
    return changed;
  }

  /** The first of a state, in the order in which they came, or from a place on. */
  const inState = async (
    shop: string,
    state: State,
    most: number,
    from = rangeOf(state).from,
  ): Promise<StoredReview[]> => {
    const range = { ...rangeOf(state), from };
    const found = await database.among({ shop, kind: REVIEWS.review, property: "state", range, most });
    return found.map((entity) => one(entity)!);
  };

  return {
    async take({ shop, item }, most, at, until) {
      // Of those that are found, others may be faster.
      const items = item === undefined ? await due(shop, 2 * most, at) : [item];
      const taken: ReviewTask[] = [];
      for (let k = 0; k < items.length && taken.length < most;) {
        const some = items.slice(k, (k += most - taken.length));
        const leased = await Promise.all(some.map((each) => lease({ shop, item: each }, at, until)));
        taken.push(...leased.filter((task) => task !== null));
      }
      return taken;
    },
    score: (task, scored) =>
      ending(task, async (review, of, transaction) => {
        const changed = { ...review, state: null, reason: null, scored };
        const sums = summed(summed({ ...of, changed: now() }, review, -1), changed, 1);
        const first = await next(transaction, task);
        await recount(database, transaction, task, [
          [review, -1],
          [changed, 1],
        ]);
        return [changed, freed(sums, first)];
      }),
    postpone: (task, dueAt, { tries, faults }) =>
      ending(task, async (review, of) => {
        const due = dueOf(rankOf(review.state), dueAt, review.at);
        return [
          { ...review, tries, faults },
          { ...of, due, lease: null },
        ];
      }),
    setAside: (task, reason) =>
      ending(task, async (review, of, transaction) => [
        { ...review, state: "failed", reason },
        freed(of, await next(transaction, task)),
      ]),
    async failed(shop, most) {
      const found = await inState(shop, "failed", most);
      return found.map(({ id, item, at, reason }) => ({ id, item, at, reason: reason ?? "" }));
    },
    async retryFailed(shop, place) {
      const found = await inState(shop, "failed", STEP + 1, place);
      const next = found[STEP];
      const marked = await requeueAll(shop, found.slice(0, STEP), ({ state }) => state === "failed");
      return { marked, next: next ? placed("failed", next.at, next.id) : null };
    },
    async rescore(shop, model, place) {
      const { PropertyFilter } = await import("@google-cloud/datastore");
      const query = client.createQuery(shop, REVIEWS.review).order("__key__").limit(STEP);
      if (place !== undefined)
        query.filter(new PropertyFilter("__key__", ">", entitiesOf(client, shop).keys.review(place)));
      const { found } = await database.part(query);
      const isOfAnother = ({ state, scored }: StoredReview) =>
        state === null && scored !== null && scored.model !== model;
      const others = found.map((entity) => one(entity)!).filter(isOfAnother);
      const marked = await requeueAll(shop, others, isOfAnother);
      return { marked, next: found.length < STEP ? null : nameOf(client, found.at(-1)) };
    },
    async counts(shop) {
      const counted = (state: State) =>
        database.count({ shop, kind: REVIEWS.review, property: "state", range: rangeOf(state) });
      const [[waiting, waitingAgain, failed], oldest, labels] = await Promise.all([
        Promise.all([counted("waiting"), counted("rescoring"), counted("failed")]),
        inState(shop, "waiting", 1),
        labelsIn(database, shop),
      ]);
      const oldestAt = oldest.at(0)?.at ?? null;
      return { waiting, waitingAgain, oldestAt, failed, ...labels };
    },
  };
}

async function labelsIn(
  database: Database,
  shop: string,
): Promise<Pick<ReviewCounts, "byLabel" | "bySentiment">> {
  const { keys } = entitiesOf(database.client, shop);
  const shards = await database.find(Array.from({ length: SHARDS }, (_, shard) => keys.labels(shard)));
  const byLabel: Record<string, number> = {};
  const bySentiment = Array.from({ length: SENTIMENT_PARTS }, () => 0);
  for (const [label, tenths] of shards.flatMap((entity) => Object.entries(labelsOf(entity)))) {
    const all = tenths.reduce((sum, reviews) => sum + reviews, 0);
    if (all > 0) byLabel[label] = (byLabel[label] ?? 0) + all;
    for (const [tenth, reviews] of tenths.entries()) bySentiment[tenth] += reviews;
  }
  return { byLabel, bySentiment };
}
