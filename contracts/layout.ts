/**
 * The one place that knows where everything lies and what files are called. Below the data bucket,
 * or the data folder:
 *
 *     shops/<shop>/
 *       current.json                   the pointer: the model that customers see
 *       blocked.json                   items that are never recommended
 *       keys.json                      hashes of the keys of clients
 *       settings.json                  the shop's settings (Google Cloud)
 *       runs/<run>/
 *         manifest.json                the run: what it read, did and cost
 *         rejects.<attempt>.csv        rows that the export kept aside
 *       interactions/day=<day>/
 *         export=<run>-<attempt>/      Interactions of a day
 *       items/day=<day>/
 *         export=<run>-<attempt>/      ItemRows of a day (one machine)
 *       models/<run>/
 *         similarity=<attempt>/
 *           neighbours/*.parquet
 *           catalogue/*.parquet
 *           metrics.json               counts of the Spark job; it is written last
 *           problem.json               why the Spark job failed
 *         load=<attempt>/
 *           snapshot.arrow             the model that the recommender reads into memory
 *           rejects*                   rows that the load job kept aside (Google Cloud)
 *     attribution/<shop>/<day>.ndjson  what customers did with answers (one machine)
 *     token.key                        the secret that signs tokens (one machine)
 *     demo-events/                     the events of `steamer demo` (one machine)
 *     jobs/                            the code of the jobs (Google Cloud)
 *     tmp/                             scratch space of Dataflow (Google Cloud)
 *
 * On Google Cloud the first four lie in a bucket of their own, which few may write. A file whose
 * name begins with `.tmp-` is a leftover if no run is active. The lint rule `steamer/layout`
 * catches a path that is spelled out in another file.
 */

/** The pointer, and the files beside it. */
export const POINTER_FILES = {
  pointer: "current.json",
  blockList: "blocked.json",
  keys: "keys.json",
  settings: "settings.json",
} as const;

const TEMPORARY = ".tmp-";

/** Where everything of a shop lies. A folder ends in a slash. */
export const paths = {
  shop: (shop: string) => `shops/${shop}/`,
  pointer: (shop: string) => `shops/${shop}/${POINTER_FILES.pointer}`,
  blockList: (shop: string) => `shops/${shop}/${POINTER_FILES.blockList}`,
  keys: (shop: string) => `shops/${shop}/${POINTER_FILES.keys}`,
  settings: (shop: string) => `shops/${shop}/${POINTER_FILES.settings}`,

  runs: (shop: string) => `shops/${shop}/runs/`,
  manifest: (shop: string, run: string) => `shops/${shop}/runs/${run}/manifest.json`,
  rejects: (shop: string, run: string, attempt: number) => `shops/${shop}/runs/${run}/rejects.${attempt}.csv`,
  exportSpill: (shop: string, run: string, attempt: number) =>
    `shops/${shop}/runs/${run}/${TEMPORARY}export-${attempt}`,

  interactions: (shop: string) => `shops/${shop}/interactions/`,
  items: (shop: string) => `shops/${shop}/items/`,
  /** Below interactions/ or items/; see `exportName`. */
  exportOf: (day: string, exported: string) => `day=${day}/export=${exported}/`,

  models: (shop: string) => `shops/${shop}/models/`,
  model: (shop: string, model: string) => `shops/${shop}/models/${model}/`,
  similarity(shop: string, run: string, attempt: number) {
    const folder = `shops/${shop}/models/${run}/similarity=${attempt}/`;
    return {
      folder,
      neighbours: `${folder}neighbours/`,
      catalogue: `${folder}catalogue/`,
      metrics: `${folder}metrics.json`,
      problem: `${folder}problem.json`,
      spill: `${folder}${TEMPORARY}spill`,
    };
  },
  load(shop: string, run: string, attempt: number) {
    const folder = `shops/${shop}/models/${run}/load=${attempt}/`;
    return {
      snapshot: `${folder}snapshot.arrow`,
      /** A prefix: the job adds the number of the file. */
      rejects: `${folder}rejects`,
      spill: `${folder}${TEMPORARY}spill`,
    };
  },

  attribution: (shop: string) => `attribution/${shop}/`,
  attributionOf: (day: string) => `${day}.ndjson`,
  tokenKey: "token.key",
  /** The event files of `steamer demo`. */
  demoEvents: "demo-events",
} as const;

/** The places that an attempt at the similarity stage writes to. */
export type SimilarityOutput = ReturnType<typeof paths.similarity>;

/** Exports of all runs lie side by side, so the name says whose it is. */
export const exportName = (run: string, attempt: number) => `${run}-${attempt}`;

/** Files of rows in a folder, by their format. */
export const ROW_FILES = { parquet: "*.parquet", ndjson: "*.ndjson.gz" } as const;
export type RowFormat = keyof typeof ROW_FILES;

/** The only file of a folder of rows that one machine writes. */
export const PART = "part-0.parquet";

/** In the data bucket. Only the deployer writes below `folder`. */
export const jobFiles = {
  folder: "jobs/",
  spark: {
    main: "jobs/main.py",
    code: "jobs/steamer_spark.zip",
    packages: "jobs/packages.tar.gz",
  },
  loadTemplate: "jobs/load-template.json",
  /** Says from what something was made, so that it is not made again. */
  record: (name: string) => `jobs/${name}.json`,
  /** Cloud Build takes the sources of images from here. */
  source: "jobs/source",
  dataflowTemporary: "tmp/dataflow",
  dataflowStaging: "tmp/dataflow-staging",
} as const;

/** Prefixes whose objects nobody misses after a week. Dataproc chooses the second one itself. */
export const SHORT_LIVED = ["tmp/", "google-cloud-dataproc-metainfo/", `${jobFiles.source}/`];

/** True of what lies in the pointer's bucket, where there is one. */
export function isBesidePointer(path: string): boolean {
  const [top, shop, name, ...below] = path.split("/");
  const names: readonly string[] = Object.values(POINTER_FILES);
  return top === "shops" && shop !== "" && names.includes(name) && below.length === 0;
}

/** True of a prefix that the pointer, or a file beside it, may begin with. */
export const mayReachPointer = (prefix: string) => prefix.split("/").length <= 3;

/** The run whose manifest this is. */
export const runOfManifest = (path: string) => match(path, /\/runs\/([^/]+)\/manifest\.json$/);

/** The run whose rejected rows these are. */
export const runOfRejects = (path: string) => match(path, /\/runs\/([^/]+)\/rejects\./);

/** The run that has written this export. */
export const runOfExport = (path: string) => match(path, /\/export=([^/]+)-\d+\//);

/** The model in whose folder this lies. */
export const modelOf = (path: string) => match(path, /^shops\/[^/]+\/models\/([^/]+)\//);

const match = (path: string, pattern: RegExp): string | undefined => pattern.exec(path)?.[1];

export const isSnapshot = (path: string) => path.endsWith("/snapshot.arrow");

/** The files beside this one that end as its name does, `*.ndjson.gz` for instance. */
export const filesLike = (path: string) => `*${path.slice(path.indexOf(".", path.lastIndexOf("/")))}`;

/** The format of a file of rows. */
export const formatOf = (path: string): RowFormat => (path.endsWith(".parquet") ? "parquet" : "ndjson");

/** A file's name while it is written: what is left of it is swept away. */
export const temporaryName = (unique: string) => `${TEMPORARY}${unique}`;
export const isTemporary = (name: string) => name.startsWith(TEMPORARY);

/** Keeps two processes from swapping an object of the same folder. */
export const LOCK = ".lock";
