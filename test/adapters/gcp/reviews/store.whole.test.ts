import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { datastore } from "../../../../adapters/gcp/clients.ts";
import { entitiesOf } from "../../../../adapters/gcp/reviews/entities.ts";
import { noReviews } from "../../../../adapters/gcp/reviews/items.ts";
import { placed } from "../../../../adapters/gcp/reviews/sorting.ts";
import { openCloudReviews } from "../../../../adapters/gcp/reviews/store.ts";
import { openReviews, reviewsPlace } from "../../../../adapters/privacy/reviews.ts";
import { REVIEWS } from "../../../../contracts/datastore.ts";
import { REVIEWS_DATABASE } from "../../../../contracts/google-names.ts";
import { reviewStoreSuite } from "../../../day/reviews/store.suite.ts";
import { settingsWith } from "../../../night/shop.ts";
import { startCloud, type Cloud } from "../../../stand-ins/cloud.ts";
import { datastoreEmulator } from "../../../stand-ins/datastore/datastore.ts";

let cloud: Cloud;
type Store = Awaited<ReturnType<typeof openCloudReviews>>;

describe.skipIf(!datastoreEmulator())("reviews in Datastore", () => {
  let both: [Store, Store];
  const errors: unknown[] = [];
  // Who comes at once waits for each other's locks, up to two seconds each time.
  const open = (patientMs = 120_000) =>
    openCloudReviews(cloud, { patientMs, failed: (error) => errors.push(error) });

  beforeAll(async () => {
    cloud = await startCloud({ services: ["datastore"] });
    both = [await open(), await open()];
  });
  afterEach(async () => {
    cloud.faults.clear();
    await cloud.resetDatastore();
    errors.length = 0;
  });
  afterAll(async () => {
    await cloud.close();
  });

  reviewStoreSuite(() => both);

  const review = {
    ...{ id: crypto.randomUUID(), shop: "toys", user: "ann", item: "tent", stars: 5, text: "fine" },
    ...{ key: "k", traceparent: "" },
  };
  const LIMITS = { perItem: 1, perHour: 3 };

  it("lie in a database of their own, where nothing of a user is left who was erased", async () => {
    const [store] = both;
    await store.reviews.add(review, LIMITS, 1);
    const client = await datastore(cloud, { databaseId: REVIEWS_DATABASE });
    const count = async (of: typeof client) => {
      const kinds = Object.values(REVIEWS).map((kind) => of.runQuery(of.createQuery("toys", kind)));
      return (await Promise.all(kinds)).map(([found]) => found.length);
    };
    expect(await count(client)).toEqual([1, 1, 1, 1, 0]);
    expect(await count(await datastore(cloud))).toEqual([0, 0, 0, 0, 0]);
    await store.reviews.eraseUser("toys", "ann");
    // The item's sums have nothing of a user.
    expect(await count(client)).toEqual([0, 1, 0, 0, 0]);
  });

  it("are exported and erased with all else that is kept of a user", async () => {
    const { project, region, endpoints } = cloud;
    const settings = settingsWith({ shop: "toys", project, region, endpoints, data: "gs://my-data" });
    const place = reviewsPlace((await openReviews(settings))!.reviews, "toys");
    await both[0].reviews.add(review, LIMITS, 1);
    const found = [{ where: `review ${review.id}`, rows: [{ text: "fine", scored: null }] }];
    expect(await place.find("ann", () => {})).toMatchObject(found);
    for (const code of ["NOT_FOUND", "PERMISSION_DENIED"] as const)
      cloud.faults.add({ call: "Datastore.RunQuery", error: { code, message: "no" } });
    // As where there is no such database.
    expect(await place.find("ann", () => {})).toEqual([]);
    await expect(place.find("ann", () => {})).rejects.toThrow(/database steamer-reviews.*forgotten/s);
    expect(await place.erase("ann", () => {})).toBe(1);
    expect(await place.find("ann", () => {})).toEqual([]);
  });

  it("of a large shop are read, and failures are tried again, in parts", async () => {
    const [store] = both;
    const client = await datastore(cloud, { databaseId: REVIEWS_DATABASE });
    const entities = entitiesOf(client, "toys");
    const of = (k: number) => ({ ...review, id: `r${k}`, item: `${k}`, user: `${k}`, at: k, key: null });
    const task = { tries: 9, faults: 5, reason: "why", state: "failed", scored: null } as const;
    const items = Array.from({ length: 1001 }, (_, k) =>
      entities.item({ ...noReviews(`${k}`), reviews: 1, stars: 5, changed: 7 }),
    );
    const failed = Array.from({ length: 3 }, (_, k) => entities.review({ ...of(k), ...task }));
    const all = [...items, ...failed];
    for (let from = 0; from < all.length; from += 500) await client.save(all.slice(from, from + 500));

    const first = await store.reviews.ratings("toys");
    expect(first.hasMore).toBe(true);
    const second = await store.reviews.ratings("toys", first.until);
    expect(second.hasMore).toBe(false);
    const seen = [...first.changes, ...second.changes].map(([item]) => item);
    expect([seen.length, new Set(seen).size]).toEqual([1001, 1001]);
    await store.reviews.add({ ...review, item: "5" }, LIMITS, 1);
    const { changes } = await store.reviews.ratings("toys", second.until);
    expect(changes).toEqual([["5", { stars: 5, reviews: 2, sentiment: null }]]);

    expect((await store.tasks.failed("toys", 2)).map(({ id }) => id)).toEqual(["r0", "r1"]);
    // As the part after the first one.
    expect((await store.tasks.retryFailed("toys", placed("failed", 1, "r1"))).marked).toBe(2);
    expect(await store.tasks.counts("toys")).toMatchObject({ waiting: 3, failed: 1 });
  });

  it("are refused when an entity is not what the contract says", async () => {
    const client = await datastore(cloud, { databaseId: REVIEWS_DATABASE });
    const key = client.key({ namespace: "toys", path: [REVIEWS.review, review.id] });
    await client.save({ key, data: { text: 7 } });
    await expect(both[0].reviews.get("toys", review.id)).rejects.toThrow("an entity of Review is not what");
  });

  it("are not left alone because something was asked that Datastore refuses", async () => {
    const [store] = both;
    cloud.faults.add({ call: "Datastore.Lookup", error: { code: "INVALID_ARGUMENT" }, times: 6 });
    for (let k = 0; k < 6; k++)
      await expect(store.reviews.get("toys", "x")).rejects.toThrow("INVALID_ARGUMENT");
    expect(store.isFailing()).toBe(false);
    expect(await store.reviews.get("toys", "x")).toBeNull();
  });

  it("are not waited for beyond the deadline, and left alone after failures in a row, which are told once", async () => {
    const store = await open(50);
    cloud.faults.add({ call: "Datastore.Lookup", hold: true, times: 100 });
    for (let k = 0; k < 5; k++)
      await expect(store.reviews.get("toys", "x")).rejects.toThrow(/within 50 ms|DEADLINE/);
    expect(store.isFailing()).toBe(true);
    await expect(store.reviews.get("toys", "x")).rejects.toThrow("left alone");
    expect(errors).toHaveLength(1);
  });
});
