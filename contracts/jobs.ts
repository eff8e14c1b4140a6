import { Type, type Static } from "typebox";
import { EVENTS } from "./interactions.ts";
import { TABLE_NAMES, type TableName } from "./tables.ts";

/** The settings that define a similarity; docs/configuration.md describes each. */
export const SIMILARITY_OPTIONS = [
  "mode",
  "vectors",
  "eventWeights",
  "cap",
  "minSupport",
  "shrinkage",
  "alpha",
  "top",
  "threshold",
  "gamma",
  "seed",
] as const;

const Event = Type.Unsafe<(typeof EVENTS)[number]>({ enum: [...EVENTS] });
const Prefixes = Type.Array(Type.String({ pattern: "^[a-z0-9]+://.+/$|^/.+/$" }), {
  minItems: 1,
  maxItems: 3660,
});

/**
 * What the similarity job is asked for: one JSON argument, `--request`. It writes below `output`: `neighbours/*.parquet`
 * (scenario, item, neighbours LIST<STRUCT<item, score>> best first; an item without neighbours has no row),
 * `catalogue/*.parquet` (see CatalogueRow) and, last of all, `metrics.json` (SimilarityCounts); or `problem.json`, which says why there is none.
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
    scenarios: Type.Object(
      Object.fromEntries(TABLE_NAMES.map((name) => [name, Type.Array(Event)])) as unknown as Record<
        TableName,
        ReturnType<typeof Type.Array<typeof Event>>
      >,
    ),
    options: Type.Object({
      mode: Type.Unsafe<"exact" | "dimsum">({ enum: ["exact", "dimsum"] }),
      vectors: Type.Unsafe<"binary" | "weighted">({ enum: ["binary", "weighted"] }),
      eventWeights: Type.Object(
        Object.fromEntries(EVENTS.map((event) => [event, Type.Number()])) as unknown as Record<
          (typeof EVENTS)[number],
          ReturnType<typeof Type.Number>
        >,
      ),
      cap: Type.Integer(),
      minSupport: Type.Integer(),
      shrinkage: Type.Number(),
      alpha: Type.Number(),
      top: Type.Integer(),
      threshold: Type.Number(),
      seed: Type.Integer(),
      gamma: Type.Optional(Type.Number()),
    }),
  },
  { additionalProperties: false },
);
export type SimilarityRequest = Static<typeof SimilarityRequest>;

/** One row of a model's catalogue, one an item that had an interaction: what its last event said, and how often it was wanted. */
export const CatalogueRow = Type.Object({
  item: Type.String(),
  name: Type.Union([Type.String(), Type.Null()]),
  category: Type.Union([Type.String(), Type.Null()]),
  price: Type.Union([Type.Number(), Type.Null()]),
  available: Type.Boolean(),
  users: Type.Integer({ description: "distinct users, over all events" }),
  views: Type.Integer(),
  purchases: Type.Integer(),
});
export type CatalogueRow = Static<typeof CatalogueRow>;

/** What the load job is asked for: the parameters of the Beam template, all text. Whose Datastore it is, Dataflow says itself (`--project`). */
export const LoadParameters = Type.Object(
  {
    mode: Type.Unsafe<"load" | "clean">({ enum: ["load", "clean"] }),
    shop: Type.String({ description: "the namespace" }),
    model: Type.String({ description: "the run's model; load: part of every key" }),
    neighbours: Type.Optional(Type.String({ description: "load: file pattern of the neighbours" })),
    catalogue: Type.Optional(Type.String({ description: "load: file pattern of the catalogue" })),
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

/** Counters of the load job, in the namespace `steamer`; one that was never touched is 0. */
export const LOAD_COUNTERS = ["entities", "rejected", "deleted"] as const;
