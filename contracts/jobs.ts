import { Type, type Static, type TSchema } from "typebox";
import { EVENTS } from "./interactions.ts";
import { KNOBS, type Knobs } from "./settings/similarity.ts";
import { perTable, type TableName } from "./tables.ts";

const Event = Type.Unsafe<(typeof EVENTS)[number]>({ enum: [...EVENTS] });
/** Knobs as a job is asked for them. Their ranges have been checked with the settings. */
const isOptional = (knob: string) => !Type.Object(KNOBS).required.includes(knob as never);
const ASKED = Object.fromEntries(
  Object.entries<TSchema>(KNOBS).map(([knob, schema]) => [
    knob,
    isOptional(knob) ? Type.Optional(bare(schema)) : bare(schema),
  ]),
);

function bare(schema: TSchema): TSchema {
  const { type, enum: choices, properties } = schema as Bare;
  if (choices) return Type.Unsafe({ enum: choices });
  if (!properties) return Type.Unsafe({ type });
  return Type.Object(
    Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, bare(property)])),
  );
}

interface Bare {
  type: string;
  enum?: string[];
  properties?: Record<string, TSchema>;
}

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
    scenarios: Type.Object(perTable(() => Type.Array(Event))),
    options: Type.Unsafe<Knobs>(Type.Object(ASKED)),
    tables: Type.Optional(
      Type.Unsafe<Partial<Record<TableName, Partial<Knobs>>>>({
        ...Type.Partial(Type.Object(perTable(() => Type.Partial(Type.Object(ASKED))))),
        description: "options that are other ones for a table",
      }),
    ),
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

/** Counters of the load job, in the namespace `steamer`; one that was never touched is 0. */
export const LOAD_COUNTERS = ["entities", "rejected", "deleted"] as const;
