import { Type, type Static } from "typebox";
import { EVENTS } from "./interactions.ts";
import { ALS_KNOBS, type AlsKnobs } from "./settings/als.ts";
import { haveDevices, haveScopes } from "./settings/events.ts";
import { bare } from "./settings/schema.ts";
import type { Settings } from "./settings/settings.ts";
import { ALL_KNOBS, type Knobs } from "./settings/similarity.ts";
import { perTable, type TableName } from "./tables.ts";

const Event = Type.Unsafe<(typeof EVENTS)[number]>({ enum: [...EVENTS] });

const Prefixes = Type.Array(Type.String({ pattern: "^[a-z0-9]+://.+/$|^/.+/$" }), {
  minItems: 1,
  maxItems: 3660,
});

/**
 * The request of the similarity job: one JSON argument, `--request`. The job writes below `output`:
 *
 * - `neighbours/*.parquet`: scenario, item, neighbours LIST<STRUCT<item, score>>, best first. An
 *   item without neighbours has no row.
 * - `catalogue/*.parquet`: see CatalogueRow.
 * - `scopes/*.parquet`: see ScopeRow, with `scopes`.
 * - `buyers/*.parquet`: see Buyers, with `buyers`.
 * - `factors/users/*.parquet`, `factors/items/*.parquet`: UserFactors and ItemFactors, with `als`.
 * - `metrics.json`: SimilarityCounts. It is written last.
 * - `problem.json`: the reason of a failure, instead of `metrics.json`.
 */
export const SimilarityRequest = Type.Object(
  {
    shop: Type.String(),
    run: Type.String(),
    interactions: Type.Unsafe<string[]>({
      ...Prefixes,
      description: "folders of the pinned exports, one a day",
    }),
    items: Type.Unsafe<string[]>({ ...Prefixes, description: "folders of what the events said about items" }),
    output: Type.String({ description: "folder of this attempt; the job overwrites what is there" }),
    scenarios: Type.Object(perTable(() => Type.Array(Event))),
    options: Type.Unsafe<Knobs>(Type.Object(ALL_KNOBS)),
    tables: Type.Optional(
      Type.Unsafe<Partial<Record<TableName, Partial<Knobs>>>>({
        ...Type.Partial(Type.Object(perTable(() => Type.Partial(Type.Object(ALL_KNOBS))))),
        description: "options that are other ones for a table",
      }),
    ),
    people: Type.Optional(
      Type.Object(
        {
          linkDevices: Type.Boolean(),
          usersOfDevice: Type.Integer(),
          robotItems: Type.Integer(),
          robotViews: Type.Integer(),
          robotMicros: Type.Integer(),
        },
        { description: "the rules of who is who: see PeopleRules. Absent: all count as they are" },
      ),
    ),
    scopes: Type.Optional(
      Type.Object(
        { minUsers: Type.Integer(), most: Type.Integer(), items: Type.Integer() },
        {
          description:
            "lists scopes of at least so many users, so many scopes at most, so many items of each at most",
        },
      ),
    ),
    buyers: Type.Optional(
      Type.Object(
        { day: Type.String(), most: Type.Integer() },
        { description: "writes the interactions of people who bought on this day: see Buyers" },
      ),
    ),
    reviews: Type.Optional(
      Type.Object(
        { folder: Type.String(), weight: Type.Number(), penalty: Type.Number() },
        { description: "folder of the pinned ReviewRows, and how much they count" },
      ),
    ),
    als: Type.Optional(
      Type.Unsafe<AlsKnobs>({
        ...Type.Object(
          Object.fromEntries(Object.entries(ALS_KNOBS).map(([name, schema]) => [name, bare(schema)])),
        ),
        description: "computes factors too",
      }),
    ),
  },
  { additionalProperties: false },
);
export type SimilarityRequest = Static<typeof SimilarityRequest>;

/**
 * One row of a model's catalogue. Each item with an interaction has one. It holds the data of the
 * item's last event and its numbers of users, views and purchases.
 */
export const CatalogueRow = Type.Object({
  item: Type.String(),
  name: Type.Union([Type.String(), Type.Null()]),
  category: Type.Union([Type.String(), Type.Null()]),
  price: Type.Union([Type.Number(), Type.Null()]),
  available: Type.Union([Type.Boolean(), Type.Null()], {
    description: "null: unknown, as events do not say it; the load stage adds what the shop's catalogue says",
  }),
  users: Type.Integer({ description: "distinct users, over all events" }),
  views: Type.Integer(),
  purchases: Type.Integer(),
});
export type CatalogueRow = Static<typeof CatalogueRow>;

/**
 * Who is who, over all days of a window. golden/people.json has examples.
 *
 * - `linkDevices`: the rows of a device without a user become those of the user that the device was
 *   last seen with; of two at the same microsecond the larger id. A device with more than
 *   `usersOfDevice` users is nobody's.
 * - A robot is who only views, and on some day more than `robotItems` items (0: nobody is), or at
 *   `robotViews` times or more that are less than `robotMicros` apart on average.
 * - Robots are left out, unless more than half of all users are: then it is how the shop sends
 *   views.
 */
export type PeopleRules = NonNullable<SimilarityRequest["people"]>;

export const peopleRulesOf = ({
  identity,
  robotItems,
}: Pick<Settings, "identity" | "robotItems">): PeopleRules => ({
  linkDevices: haveDevices({ identity }),
  usersOfDevice: 5,
  robotItems,
  robotViews: 20,
  robotMicros: 5_000_000,
});

/**
 * By whom the last day of a window is judged: the `most` users with the smallest SHA-256 of their
 * ids who bought something on it, and as many who put something into the basket. All their
 * interactions are written, as they are once devices are linked and robots left out; reviews change
 * nothing here. golden/buyers.json has examples.
 */
export type Buyers = NonNullable<SimilarityRequest["buyers"]>;

/** What people do on a day that a model is judged by, the most telling first. */
export const DEEDS = ["purchase", "add_to_cart"] as const;
export type Deed = (typeof DEEDS)[number];

/** With 2,000 users the standard error of a mean of shares is at most 0.5 / √2000 = 0.011. */
export const MOST_BUYERS = 2000;
export const buyersOf = (day: string): Buyers => ({ day, most: MOST_BUYERS });

/** What scopes of users are listed, of those that the interactions name. */
export type ScopeBounds = NonNullable<SimilarityRequest["scopes"]>;

/** The bounds of a night; undefined where events name no scopes. */
export const scopeBoundsOf = (
  settings: Pick<Settings, "map" | "ga4Scope" | "minScopeUsers">,
): ScopeBounds | undefined =>
  haveScopes(settings) ? { minUsers: settings.minScopeUsers, most: 1000, items: 1000 } : undefined;

/**
 * A scope of users, and what they had to do with. A user belongs to the scope of their latest
 * interaction that names one; of two at the same microsecond, to the larger text. Listed are the
 * scopes with the most users (ties: the smaller text), and their items with the most of these users
 * (ties: the smaller id). golden/scopes.json has examples.
 */
export const ScopeRow = Type.Object({
  scope: Type.String(),
  users: Type.Integer({ description: "users who belong to it" }),
  items: Type.Array(Type.Object({ item: Type.String(), users: Type.Integer() }), {
    description: "items by falling number of the scope's users who had to do with them",
  }),
});
export type ScopeRow = Static<typeof ScopeRow>;

/** One user of a training. The factors of a model are in one basis: any, but the same. */
export const UserFactors = Type.Object({
  user: Type.String(),
  vector: Type.Unsafe<Uint8Array>({ description: "BINARY: `factors` little-endian float32" }),
  history: Type.Array(
    Type.Object({
      item: Type.String(),
      weight: Type.Number({ description: "the entry's weight v; 0: it was disliked, and led to nothing" }),
      bought: Type.Boolean({ description: "never recommended to the user: bought, or disliked" }),
    }),
    { description: "what the factors were computed from, and what was disliked, by item id" },
  ),
});
export type UserFactors = Static<typeof UserFactors>;

/** One item of a training. */
export const ItemFactors = Type.Object({ item: Type.String(), vector: UserFactors.properties.vector });
export type ItemFactors = Static<typeof ItemFactors>;

/**
 * The request of the load job: the parameters of the Beam template, all of them text. The project
 * of the Datastore is not among them: Dataflow passes it itself (`--project`).
 */
export const LoadParameters = Type.Object(
  {
    mode: Type.Unsafe<"load" | "clean">({ enum: ["load", "clean"] }),
    shop: Type.String({ description: "the namespace" }),
    model: Type.String({ description: "the run's model; load: part of every key" }),
    neighbours: Type.Optional(Type.String({ description: "load: file pattern of the neighbours" })),
    catalogue: Type.Optional(Type.String({ description: "load: file pattern of the catalogue" })),
    tables: Type.Optional(
      Type.String({ description: "load: the properties of each table (see contracts/tables.ts), as JSON" }),
    ),
    deadLetters: Type.Optional(Type.String({ description: "load: prefix of the files of rejected rows" })),
    expireAt: Type.Optional(
      Type.String({ description: "load: ISO 8601; Datastore's TTL policy deletes the entities then" }),
    ),
    keep: Type.Optional(
      Type.String({ description: "clean: comma-separated models; entities of all others are deleted" }),
    ),
    workers: Type.String({
      description: "how many processes will write (workers x vCPUs): the write rate starts from it",
    }),
  },
  { additionalProperties: false },
);
export type LoadParameters = Static<typeof LoadParameters>;

/** The load job's counters, in the namespace `steamer`. A counter that was never increased is 0. */
export const LOAD_COUNTERS = ["entities", "rejected", "deleted"] as const;
