import { Type, type Static } from "typebox";
import { Day, EVENTS } from "../interactions.ts";

const number = (description: string, value: number, minimum: number, maximum: number) =>
  Type.Number({ description, default: value, minimum, maximum });
const integer = (description: string, value: number, minimum: number, maximum: number) =>
  Type.Integer({ description, default: value, minimum, maximum });
const choice = <const T extends readonly [string, ...string[]]>(description: string, choices: T) =>
  Type.Unsafe<T[number]>(Type.String({ description, default: choices[0], enum: [...choices] }));

const weights = (description: string, values: [number, number, number]) =>
  Type.Object(
    Object.fromEntries(
      EVENTS.map((event) => [event, Type.Number({ minimum: 0, maximum: 1000 })]),
    ) as unknown as Record<(typeof EVENTS)[number], ReturnType<typeof Type.Number>>,
    {
      description,
      default: Object.fromEntries(EVENTS.map((event, k) => [event, values[k]])),
      additionalProperties: false,
    },
  );

const mapping = (description: string, keys: string, values = "^.{1,256}$") =>
  Type.Record(Type.String({ pattern: keys }), Type.String({ pattern: values }), {
    description,
    default: {},
    additionalProperties: false,
  });

/** Short names as Google Cloud has them: projects, regions, machine types, time zones. */
const name = (description: string, value?: string) =>
  Type.String({
    description,
    pattern: "^[A-Za-z0-9][A-Za-z0-9._/+:-]{0,99}$",
    ...(value === undefined ? {} : { default: value }),
  });

/** The services of Google Cloud that a night and a recommender talk to. */
export type GoogleService = "bigquery" | "storage" | "tasks" | "dataproc" | "dataflow" | "datastore";

/** The columns of a flat file that the setting `map` can name. */
export const COLUMNS = ["user", "item", "event", "time", "quantity", "name", "category", "price"] as const;
export type ColumnName = (typeof COLUMNS)[number];

/** How the recommender answers, listens and stores: a deployment passes on what is given of it. */
export const SERVING = {
  queryWeights: Type.Unsafe<Record<(typeof EVENTS)[number], number> | null>({
    ...weights(
      "how much a browsed, basket or purchased item counts in a query; uniform: every item once",
      [0.5, 2, 6],
    ),
    type: ["object", "null"],
  }),
  togetherWeights: Type.Unsafe<Record<(typeof EVENTS)[number], number> | null>({
    ...weights(
      "the same for scenario together: what is in the basket now counts as much as what was bought",
      [0.5, 2, 2],
    ),
    type: ["object", "null"],
  }),
  includeInput: Type.Boolean({ description: "recommend the items of the query too", default: false }),

  store: choice("where the recommender looks neighbours up: in the snapshot, in memory; or in Datastore", [
    "snapshot",
    "datastore",
  ]),

  lookupMs: integer(
    "store datastore: milliseconds that a request may wait for its neighbours; then popular items answer",
    200,
    10,
    10_000,
  ),

  host: Type.String({ description: "address that the recommender listens on", default: "127.0.0.1" }),
  port: integer("port that the recommender listens on", 8080, 0, 65_535),
  access: choice(
    "who may ask the recommender: anybody on this machine (a loopback host only); who has a key (`steamer keys`); or whom the service in front of it lets through",
    ["open", "keys", "iam"],
  ),
  origins: Type.Array(Type.String({ pattern: "^https?://[^/,]{1,256}$" }), {
    description: "web pages that may ask from a browser (CORS): https://shop.example",
    default: [],
    maxItems: 100,
  }),
  docs: Type.Boolean({ description: "show the reference of the API at /docs", default: false }),
  page: Type.Boolean({
    description:
      "with access open: show the shop as a storefront at /, and the operator's page at /operator (`steamer demo` and `serve` do)",
    default: false,
  }),
  maxConnections: integer("connections to the recommender; further ones are closed", 2000, 1, 65_535),
  maxConcurrent: integer("requests at work at once; further ones are told to come again", 500, 1, 65_535),
  opsHost: Type.String({
    description: "address of the operator's listener: metrics, the operator's page",
    default: "127.0.0.1",
  }),
  opsPort: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 65_535,
      description: "port of the operator's listener (default: there is none)",
    }),
  ),
  tokenKeyFile: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        "file with the secret that signs attribution tokens, at least 32 bytes (default: one made in the data folder)",
    }),
  ),
};

/**
 * The whole configuration, in one record. Every setting is a flag (`--min-support`), an environment variable
 * (`STEAMER_MIN_SUPPORT`) and a key of the settings file (`minSupport`); docs/configuration.md is made from this schema.
 */
export const Settings = Type.Object(
  {
    shop: Type.String({
      description: "the shop: its models and runs live under shops/<shop>",
      default: "shop",
      pattern: "^[a-z0-9][a-z0-9-]{0,62}$",
    }),
    data: Type.String({
      description: "what holds everything: a folder, or gs://<bucket>",
      default: ".steamer",
      minLength: 1,
    }),
    pointer: Type.Optional(
      Type.String({
        description:
          "gs://<bucket> of the pointers and block lists, which few may write (default: the same as data)",
        pattern: "^gs://[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$",
      }),
    ),

    events: Type.Array(Type.String({ minLength: 1 }), {
      description: "event files: paths, folders or globs; Parquet, NDJSON, CSV, also gzipped",
      default: [],
      maxItems: 10_000,
    }),
    map: mapping(
      `which column of a flat file holds what: ${COLUMNS.join(", ")}`,
      `^(${COLUMNS.join("|")})$`,
    ) as unknown as ReturnType<typeof Type.Unsafe<Partial<Record<ColumnName, string>>>>,
    eventNames: mapping(
      "the shop's own event names, and what they mean: view=view_item; `*` stands for every other name",
      "^.{1,256}$",
      `^(${EVENTS.join("|")})$`,
    ) as unknown as ReturnType<typeof Type.Unsafe<Record<string, (typeof EVENTS)[number]>>>,
    identity: choice(
      "who counts as one user: user_id and, where it is missing, user_pseudo_id; or the device alone",
      ["user_id", "user_pseudo_id"],
    ),
    lastDay: Type.Optional(
      Type.Unsafe<string>({
        ...Day,
        description: "last day to read (default: the latest day in the events)",
      }),
    ),
    days: integer("how many days to read, up to the last day", 30, 1, 3660),
    allowMissingDays: Type.Boolean({
      description: "go on when daily files leave out a day of the window",
      default: false,
    }),
    rejectLimit: number("share of damaged rows above which the run fails", 0.01, 0, 1),

    mode: choice("similarity mode: exact, or sampled by DIMSUM", ["exact", "dimsum"]),
    vectors: choice("item vectors: binary (who), or weighted by event (how much)", ["binary", "weighted"]),
    eventWeights: weights("what one event adds to a weighted vector", [0.5, 2, 6]),
    cap: integer(
      "a user's most recent distinct items that count towards similarity; 0: all",
      500,
      0,
      1_000_000,
    ),
    minSupport: integer("users two items must have in common", 1, 1, 1_000_000),
    shrinkage: number("L in n/(n+L): how far few users in common pull a similarity to zero", 5, 0, 1e6),
    alpha: number("0.5 is the cosine; above it popular neighbours count for more", 0.5, 0, 1),
    top: integer("neighbours kept for each item", 50, 1, 1000),
    threshold: number("DIMSUM: similarities above this are estimated well", 0.1, 1e-6, 1),
    gamma: Type.Optional(
      Type.Number({
        description: "DIMSUM: oversampling (default: 10 ln(items) / threshold)",
        exclusiveMinimum: 0,
        maximum: 1e12,
      }),
    ),
    seed: integer("DIMSUM: chooses which entries are kept", 1, 0, 4_294_967_295),
    threads: integer("worker threads; 0: one for each core", 0, 0, 1024),

    minItems: number("gate: fewest items, as a share of the serving model's", 0.5, 0, 100),
    minCoverage: number(
      "gate: smallest share of items with neighbours, as a share of the serving model's",
      0.5,
      0,
      1,
    ),
    minOverlap: number("gate: smallest mean overlap of top-10 lists with the serving model", 0.05, 0, 1),
    keepModels: integer("newest models kept; the current and the previous one always are", 3, 1, 100),
    leaseSeconds: integer("a run that has not been heard of for so long is taken for dead", 60, 5, 3600),

    project: Type.Optional(name("Google Cloud: the project")),
    region: name("Google Cloud: the region of functions, clusters, queues and jobs", "us-central1"),
    dataset: Type.Optional(
      Type.String({
        description: "BigQuery: the dataset of the GA4 export: [project.]analytics_<id>",
        pattern: "^([a-z][a-z0-9-]{4,28}[a-z0-9]\\.)?[A-Za-z0-9_]{1,1024}$",
      }),
    ),
    location: name("BigQuery: where the dataset lies", "US"),
    maximumBytesBilled: integer(
      "BigQuery: bytes that a night's export may be billed for, and each query of engine bigquery; above it nothing is started",
      200e9,
      1e6,
      Number.MAX_SAFE_INTEGER,
    ),
    exportFormat: choice("BigQuery: format of exported interactions", ["parquet", "ndjson"]),
    timeZone: name("time zone of the shop's days, as set in GA4", "Etc/UTC"),
    tableDeadline: Type.String({
      description: "time of day until which yesterday's table is awaited; then the latest one is used",
      default: "08:00",
      pattern: "^([01]\\d|2[0-3]):[0-5]\\d$",
    }),
    stageLimitMinutes: integer("a stage that runs longer is cancelled, and the night fails", 240, 1, 1440),
    lookSeconds: integer("how often a running stage is looked at", 30, 1, 600),
    engine: choice("where similarities are computed on Google Cloud", ["dataproc", "bigquery"]),
    maxPairs: integer(
      "engine bigquery: above so many estimated pairs it refuses",
      2e9,
      1,
      Number.MAX_SAFE_INTEGER,
    ),
    stores: choice("what the load stage fills: the snapshot alone (the gate reads it), or Datastore too", [
      "both",
      "snapshot",
    ]),
    clusterMachine: name("Dataproc: machine type", "n2-standard-4"),
    clusterWorkers: integer("Dataproc: primary workers", 2, 2, 1000),
    clusterSpotWorkers: integer("Dataproc: further workers, at spot prices", 0, 0, 1000),
    loadMachine: name("Dataflow: machine type", "n1-standard-1"),
    loadWorkers: integer("Dataflow: workers", 2, 1, 100),
    subnetwork: Type.Optional(
      Type.String({
        description:
          "subnetwork of clusters and jobs: projects/<p>/regions/<r>/subnetworks/<name> (default: the project's default network)",
        pattern: "^[a-z0-9/:._-]{1,300}$",
      }),
    ),
    functionsUrl: Type.Optional(
      Type.String({
        description: "where the functions answer (default: https://<region>-<project>.cloudfunctions.net)",
        pattern: "^https?://[^/]+$",
      }),
    ),
    endpoints: mapping(
      "other addresses of Google's services, for stand-ins: bigquery, storage, tasks, dataproc, dataflow, datastore",
      "^(bigquery|storage|tasks|dataproc|dataflow|datastore)$",
    ) as unknown as ReturnType<typeof Type.Unsafe<Partial<Record<GoogleService, string>>>>,

    ...SERVING,
  },
  { additionalProperties: false },
);
export type Settings = Static<typeof Settings>;
