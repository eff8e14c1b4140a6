import { Type } from "typebox";
import { choice, integer, mapping, name, shaping } from "./schema.ts";

/** The services of Google Cloud that a night and a recommender use. */
const GOOGLE_SERVICES = ["bigquery", "storage", "tasks", "dataproc", "dataflow", "datastore"] as const;
export type GoogleService = (typeof GOOGLE_SERVICES)[number];

/** Places and machines of a night on Google Cloud. */
export const cloud = {
  project: Type.Optional(name("Google Cloud: the project")),
  region: name("Google Cloud: the region of functions, clusters, queues and jobs", "us-central1"),
  dataset: shaping(
    Type.Optional(
      Type.String({
        description: "BigQuery: the dataset of the GA4 export, [project.]analytics_<id>; or of `eventTable`",
        pattern: "^([a-z][a-z0-9-]{4,28}[a-z0-9]\\.)?[A-Za-z0-9_]{1,1024}$",
      }),
    ),
  ),
  eventTable: shaping(
    Type.Optional(
      Type.String({
        description:
          "BigQuery: a table or view of your own with the events, one row an item, instead of GA4's tables; `map` names its columns",
        pattern: "^[A-Za-z0-9_-]{1,1024}$",
      }),
    ),
  ),
  dateColumn: shaping(
    Type.Optional(
      Type.String({
        description:
          "the column of `eventTable` by which days are told apart, best the one that partitions it; _PARTITIONDATE for ingestion time (default: the column of the time)",
        pattern: "^[A-Za-z_][A-Za-z0-9_.]{0,299}$",
      }),
    ),
  ),
  location: name("BigQuery: where the dataset lies", "US"),
  maximumBytesBilled: integer(
    "BigQuery: bytes that a night's export may be billed for, and each query of engine bigquery; above it nothing is started",
    200e9,
    1e6,
    Number.MAX_SAFE_INTEGER,
  ),
  exportFormat: shaping(choice("BigQuery: format of exported interactions", ["parquet", "ndjson"])),
  timeZone: shaping(name("time zone of the shop's days, as set in GA4", "Etc/UTC")),
  tableDeadline: Type.String({
    description:
      "time of day from which the latest table is used, if yesterday's is not there; it still counts when it comes",
    // GA4's tables come between ten o'clock and the late afternoon.
    default: "18:00",
    pattern: "^([01]\\d|2[0-3]):[0-5]\\d$",
  }),
  stageLimitMinutes: integer("a stage that runs longer is cancelled, and the night fails", 240, 1, 1440),
  lookSeconds: integer("how often a running stage is looked at", 30, 1, 600),
  engine: shaping(choice("where similarities are computed on Google Cloud", ["dataproc", "bigquery"])),
  maxPairs: integer(
    "engine bigquery: above so many estimated pairs it refuses",
    2e9,
    1,
    Number.MAX_SAFE_INTEGER,
  ),
  stores: shaping(
    Type.Optional(
      Type.Unsafe<"both" | "snapshot">(
        Type.String({
          description:
            "what the load stage fills: the snapshot alone (the gate reads it), or Datastore too (default: both where store is datastore, else snapshot)",
          enum: ["both", "snapshot"],
        }),
      ),
    ),
  ),
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
    `other addresses of Google's services, for stand-ins: ${GOOGLE_SERVICES.join(", ")}`,
    `^(${GOOGLE_SERVICES.join("|")})$`,
  ) as unknown as ReturnType<typeof Type.Unsafe<Partial<Record<GoogleService, string>>>>,
};

/** Nights fill Datastore: the recommender reads it, or the settings say so. */
export const fillsDatastore = ({
  stores,
  store,
}: {
  stores?: "both" | "snapshot";
  store: string;
}): boolean => (stores === undefined ? store === "datastore" : stores === "both");
