import { Type, type Static } from "typebox";
import { Day } from "./interactions.ts";
import { ALL_KNOBS, type Knobs } from "./settings/similarity.ts";

const Counts = Type.Record(Type.String(), Type.Integer());

/** The counts of a daily file whose rows are all of its day. */
export const DailyCounts = Type.Object({
  day: Day,
  interactions: Type.Integer(),
  otherEvents: Type.Integer(),
  rejected: Counts,
  unreadPrices: Type.Optional(Type.Integer({ description: "prices that are no numbers, or not clear" })),
});
export type DailyCounts = Static<typeof DailyCounts>;

/** An input file of a run. */
export const InputFile = Type.Object({
  path: Type.String(),
  bytes: Type.Integer(),
  sha256: Type.String(),
  rows: Type.Integer(),
  daily: Type.Optional(DailyCounts),
});
export type InputFile = Static<typeof InputFile>;

/**
 * A day's export that a run has pinned. It may be an earlier run's, if the day's table has not
 * changed since.
 */
export const DayExport = Type.Object({
  day: Day,
  interactions: Type.String({ description: "folder of the Parquet files" }),
  items: Type.String({ description: "folder of what the events said about items" }),
  rejected: Type.Optional({
    ...Counts,
    description: "from BigQuery: the day's rows that do not count, by reason",
  }),
  rows: Type.Optional(
    Type.Integer({ description: "interactions in it; 0: it may have no file. Absent: it has some" }),
  ),
  table: Type.Optional(
    Type.Object({
      name: Type.String(),
      modified: Type.String({ description: "when BigQuery last changed it: ISO 8601, UTC" }),
      rows: Type.Integer(),
    }),
  ),
});
export type DayExport = Static<typeof DayExport>;

/** How many pairs of a user and an item have a review that counts. */
export const ReviewCounts = Type.Object({
  rows: Type.Integer(),
  positive: Type.Integer(),
  negative: Type.Integer(),
});
export type ReviewCounts = Static<typeof ReviewCounts>;

/** What an export of files left out as it is of other days. */
export const Outside = Type.Object({
  before: Type.Integer({ description: "rows of days before the window" }),
  after: Type.Integer({ description: "rows of days after it" }),
  unread: Type.Integer({ description: "daily files that were not read: their names are of other days" }),
  days: Type.Optional(
    Type.Integer({ description: "a window of so many days has nearly all that lies before" }),
  ),
});
export type Outside = Static<typeof Outside>;

/** The items' old ids that an export knew. */
export const AliasMetrics = Type.Object({
  source: Type.String({ description: "the file or object" }),
  sha256: Type.String(),
  ids: Type.Integer({ description: "old ids in it" }),
});
export type AliasMetrics = Static<typeof AliasMetrics>;

/** The export stage's metrics in the manifest. */
export const ExportMetrics = Type.Object({
  days: Type.Array(DayExport),
  inputs: Type.Array(InputFile),
  rows: Type.Integer({ description: "event rows read" }),
  interactions: Type.Integer({ description: "events that count; from BigQuery: rows exported" }),
  otherEvents: Type.Optional(
    Type.Integer({ description: "events of other kinds; BigQuery does not count them" }),
  ),
  rejected: Type.Optional({
    ...Counts,
    description: "rows that do not count, by reason; of days that an earlier run has exported, too",
  }),
  outside: Type.Optional(Outside),
  rejectsFile: Type.Union([Type.String(), Type.Null()]),
  reading: Type.Optional(
    Type.Array(Type.String(), { description: "how flat files were read; it names nobody" }),
  ),
  rules: Type.Optional(
    Type.String({ description: "stands for how files were read: a night takes only what was read alike" }),
  ),
  aliases: Type.Optional(AliasMetrics),
  bytesBilled: Type.Optional(Type.Integer({ description: "by BigQuery" })),
  erasedUntil: Type.Optional(
    Type.String({ description: "the latest erasure of a user that it knew of: ISO 8601, UTC" }),
  ),
  reviews: Type.Optional(
    Type.Object(
      {
        folder: Type.String({ description: "folder of the Parquet files" }),
        ...ReviewCounts.properties,
      },
      { description: "the window's reviews; absent: there are none" },
    ),
  ),
});
export type ExportMetrics = Static<typeof ExportMetrics>;

/** Sizes of one neighbour table's computation. */
export const ScenarioMetrics = Type.Object({
  entries: Type.Integer({ description: "distinct (user, item) pairs" }),
  capped: Type.Integer({ description: "of them, left after the cap" }),
  kept: Type.Integer({ description: "of them, left after sampling" }),
  pairs: Type.Integer({ description: "ordered pairs added up" }),
  neighbours: Type.Integer(),
  indefinite: Type.Optional(
    Type.Integer({
      description: "ridge: items whose regression has no solution, so that they have no weights",
    }),
  ),
  floored: Type.Optional(
    Type.Integer({ description: "ridge: items whose own precision had to be taken from their users alone" }),
  ),
  recallAtTop: Type.Optional(
    Type.Number({ description: "dimsum: share of the exact neighbours found, on a sample of items" }),
  ),
});
export type ScenarioMetrics = Static<typeof ScenarioMetrics>;

/** What a training of factors came to. */
export const FactorMetrics = Type.Object({
  factors: Type.Integer(),
  iterations: Type.Integer(),
  loss: Type.Number({ description: "the objective after the last iteration" }),
  users: Type.Integer({ description: "users with factors" }),
  items: Type.Integer({ description: "items with factors" }),
  entries: Type.Integer({ description: "(user, item) pairs with a weight above 0" }),
});
export type FactorMetrics = Static<typeof FactorMetrics>;

/** The scopes of users that a night found. */
export const ScopeMetrics = Type.Object({
  found: Type.Integer({ description: "scopes that users belong to" }),
  small: Type.Integer({ description: "of them, with fewer users than minScopeUsers" }),
  listed: Type.Integer({ description: "of them, in the model" }),
});
export type ScopeMetrics = Static<typeof ScopeMetrics>;

/** Who the users of a window are: docs/ARCHITECTURE.md, Who and what. */
export const PeopleMetrics = Type.Object({
  users: Type.Integer({ description: "users, robots among them" }),
  events: Type.Integer({ description: "all their events" }),
  devices: Type.Integer({ description: "devices that took the user_id that they were last seen with" }),
  robots: Type.Integer({ description: "users that are none; they are left out, unless most are" }),
  robotEvents: Type.Integer(),
  largest: Type.Optional(
    Type.Object(
      { user: Type.String(), events: Type.Integer() },
      { description: "the user with the most events" },
    ),
  ),
  shared: Type.Optional(
    Type.Object(
      { device: Type.String(), users: Type.Integer(), events: Type.Integer() },
      { description: "of the devices with too many users to be anybody's: the one with the most events" },
    ),
  ),
});
export type PeopleMetrics = Static<typeof PeopleMetrics>;

/** Counts of an engine: `metrics.json` of the similarity job. */
export const SimilarityCounts = Type.Object({
  items: Type.Integer(),
  users: Type.Integer(),
  scenarios: Type.Record(Type.String(), ScenarioMetrics),
  people: Type.Optional(PeopleMetrics),
  scopes: Type.Optional(ScopeMetrics),
  factors: Type.Optional(FactorMetrics),
});
export type SimilarityCounts = Static<typeof SimilarityCounts>;

/** The similarity stage's metrics in the manifest. */
export const SimilarityMetrics = Type.Object({
  neighbours: Type.String({ description: "folder of the neighbours' Parquet files" }),
  catalogue: Type.String({ description: "folder of the catalogue's Parquet files" }),
  scopeItems: Type.Optional(
    Type.String({ description: "folder of what is popular in scopes of users; absent: none is listed" }),
  ),
  buyers: Type.Optional(
    Type.String({ description: "folder of the interactions of people who bought on the last day" }),
  ),
  userFactors: Type.Optional(Type.String({ description: "folder of the users' factors" })),
  itemFactors: Type.Optional(Type.String({ description: "folder of the items' factors" })),
  ...SimilarityCounts.properties,
  knobs: Type.Optional(
    Type.Record(Type.String(), Type.Unsafe<Partial<Knobs>>(Type.Partial(Type.Object(ALL_KNOBS))), {
      description: "what each table was made with, defaults included; of an older night what there was then",
    }),
  ),
  bytesBilled: Type.Optional(Type.Integer({ description: "by BigQuery" })),
});
export type SimilarityMetrics = Static<typeof SimilarityMetrics>;

/** What a night, or a push, read in the shop's catalogue. */
export const FeedMetrics = Type.Object({
  source: Type.String({ description: "the file or table" }),
  readAt: Type.String({ description: "ISO 8601, UTC" }),
  columns: Type.Record(Type.String(), Type.String(), { description: "what was taken for what" }),
  rows: Type.Integer({ description: "rows read" }),
  items: Type.Integer({ description: "items in it" }),
  available: Type.Integer({ description: "of them, known to be in stock" }),
  soldOut: Type.Integer({ description: "of them, known to be out of stock" }),
  faults: Type.Record(Type.String(), Type.Integer(), { description: "see FEED_FAULTS" }),
  bytesBilled: Type.Optional(Type.Integer({ description: "by BigQuery, where it is a table" })),
});
export type FeedMetrics = Static<typeof FeedMetrics>;

/** A file of a model: its place, and what it must be. */
export const ModelFile = Type.Object({
  path: Type.String(),
  bytes: Type.Integer(),
  sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }),
});
export type ModelFile = Static<typeof ModelFile>;

/** The load stage's metrics in the manifest: the model's files. */
export const LoadMetrics = Type.Object({
  snapshot: ModelFile,
  factors: Type.Optional(Type.Object({ items: ModelFile, users: ModelFile })),
  items: Type.Integer(),
  catalogue: Type.Optional(
    Type.Object({
      ...FeedMetrics.properties,
      matched: Type.Integer({ description: "items of the model that are in it" }),
    }),
  ),
  ahead: Type.Optional(
    Type.Object(
      {
        users: Type.Integer({ description: "users whose lists are stored" }),
        seconds: Type.Number(),
      },
      { description: "lists that were computed ahead" },
    ),
  ),
  datastore: Type.Optional(
    Type.Object({
      entities: Type.Integer(),
      rejected: Type.Integer(),
      deadLetters: Type.Union([Type.String(), Type.Null()]),
      deleted: Type.Optional(Type.Integer({ description: "entities of models that nothing needs any more" })),
    }),
  ),
});
export type LoadMetrics = Static<typeof LoadMetrics>;
