/**
 * The only file that knows object paths and file names. Below the data bucket, or the data folder:
 *
 *     shops/<shop>/
 *       current.json                   the pointer: the model that customers see
 *       blocked.json                   items that are never recommended
 *       stock.json                     names the file of availability and prices that were pushed
 *       keys.json                      hashes of the keys of clients
 *       erased.json                    hashes of the users that were erased
 *       settings.json                  the shop's settings (Google Cloud)
 *       tuned.json                     settings that were found for the shop's own data
 *       tuning/<table>.json            the trials of a search for settings
 *       tuning/report.html             what came of it, for people
 *       runs/<run>/
 *         manifest.json                the run: its inputs, results and costs
 *         rejects.<attempt>.csv        rows that the export kept aside
 *       interactions/day=<day>/
 *         export=<run>-<attempt>/      Interactions of a day
 *       items/day=<day>/
 *         export=<run>-<attempt>/      ItemRows of a day (one machine)
 *       reviews/export=<run>-<attempt>/  ReviewRows; no such folder where there are no reviews
 *       models/<run>/
 *         similarity=<attempt>/
 *           neighbours/*.parquet
 *           catalogue/*.parquet
 *           scopes/*.parquet           ScopeRows; no such folder where users have no scopes
 *           buyers/*.parquet           Interactions of people who bought on the last day
 *           factors/users/*.parquet    UserFactors; no such folder where als.factors is 0
 *           factors/items/*.parquet    ItemFactors
 *           metrics.json               counts of the Spark job; it is written last
 *           problem.json               why the Spark job failed
 *         load=<attempt>/
 *           snapshot.arrow             the model that the recommender reads into memory
 *           item-factors.arrow         the factors that the Personalizer reads into memory
 *           user-factors.arrow
 *           user-factors.<hash>.arrow  in its place, since somebody was erased from it
 *           rejects*                   rows that the load job kept aside (Google Cloud)
 *       stock/<hash>.arrow             availability and prices that were pushed
 *     attribution/<shop>/<day>.<part>.ndjson  customers' events on answers (one machine)
 *     token.key                        the secret that signs tokens (one machine)
 *     personal.sqlite                  lists of personal recommendations, and tasks (one machine)
 *     reviews.sqlite                   reviews, and their tasks (one machine)
 *     demo-events/                     the events of `steamer demo` (one machine)
 *     demo-opinions/                   what its customers think (one machine)
 *     jobs/                            the code of the jobs (Google Cloud)
 *     tmp/                             scratch space of Dataflow (Google Cloud)
 *
 * On Google Cloud the first seven files lie in a bucket of their own, with few writers. A file
 * whose name begins with `.tmp-` is a leftover if no run is active. The lint rule `steamer/layout`
 * finds paths that are spelled out in other files.
 */

/** The pointer, and the files beside it. */
export const POINTER_FILES = {
  pointer: "current.json",
  blockList: "blocked.json",
  stock: "stock.json",
  keys: "keys.json",
  erased: "erased.json",
  settings: "settings.json",
  tuned: "tuned.json",
} as const;

const TEMPORARY = ".tmp-";

/** The paths of a shop's objects. A folder ends in a slash. */
export const paths = {
  shops: "shops/",
  shop: (shop: string) => `shops/${shop}/`,
  pointer: (shop: string) => `shops/${shop}/${POINTER_FILES.pointer}`,
  blockList: (shop: string) => `shops/${shop}/${POINTER_FILES.blockList}`,
  stock: (shop: string) => `shops/${shop}/${POINTER_FILES.stock}`,
  stockFiles: (shop: string) => `shops/${shop}/stock/`,
  /** The hash is that of the content: no file is written over. */
  stockFile: (shop: string, sha256: string) => `shops/${shop}/stock/${sha256.slice(0, 16)}.arrow`,
  keys: (shop: string) => `shops/${shop}/${POINTER_FILES.keys}`,
  erased: (shop: string) => `shops/${shop}/${POINTER_FILES.erased}`,
  settings: (shop: string) => `shops/${shop}/${POINTER_FILES.settings}`,

  tuned: (shop: string) => `shops/${shop}/${POINTER_FILES.tuned}`,
  study: (shop: string, table: string) => `shops/${shop}/tuning/${table}.json`,
  tuningReport: (shop: string) => `shops/${shop}/tuning/report.html`,

  runs: (shop: string) => `shops/${shop}/runs/`,
  manifest: (shop: string, run: string) => `shops/${shop}/runs/${run}/manifest.json`,
  rejects: (shop: string, run: string, attempt: number) => `shops/${shop}/runs/${run}/rejects.${attempt}.csv`,
  exportSpill: (shop: string, run: string, attempt: number) =>
    `shops/${shop}/runs/${run}/${TEMPORARY}export-${attempt}`,

  interactions: (shop: string) => `shops/${shop}/interactions/`,
  items: (shop: string) => `shops/${shop}/items/`,
  /** A day's export below interactions/ or items/. `exportName` makes its name. */
  exportOf: (day: string, exported: string) => `${paths.day(day)}export=${exported}/`,
  day: (day: string) => `day=${day}/`,
  reviewRows: (shop: string) => `shops/${shop}/reviews/`,
  reviewRowsOf: (shop: string, exported: string) => `shops/${shop}/reviews/export=${exported}/`,

  models: (shop: string) => `shops/${shop}/models/`,
  model: (shop: string, model: string) => `shops/${shop}/models/${model}/`,
  similarity(shop: string, run: string, attempt: number) {
    const folder = `shops/${shop}/models/${run}/similarity=${attempt}/`;
    return {
      folder,
      neighbours: `${folder}neighbours/`,
      catalogue: `${folder}catalogue/`,
      scopeItems: `${folder}scopes/`,
      buyers: `${folder}buyers/`,
      userFactors: `${folder}factors/users/`,
      itemFactors: `${folder}factors/items/`,
      metrics: `${folder}metrics.json`,
      problem: `${folder}problem.json`,
      spill: `${folder}${TEMPORARY}spill`,
    };
  },
  load(shop: string, run: string, attempt: number) {
    const folder = `shops/${shop}/models/${run}/load=${attempt}/`;
    return {
      snapshot: `${folder}snapshot.arrow`,
      itemFactors: `${folder}item-factors.arrow`,
      userFactors: `${folder}user-factors.arrow`,
      /** A prefix. The load job appends the number of each file. */
      rejects: `${folder}rejects`,
      spill: `${folder}${TEMPORARY}spill`,
    };
  },

  /** The beginning of the name of a folder for what a night reads ahead. */
  ahead: (owner: string) => `${TEMPORARY}ahead-${inName(owner)}-`,

  attribution: (shop: string) => `attribution/${shop}/`,
  /** Each part is written by one process. */
  attributionOf: (day: string, part: number) => `${day}.${part}.ndjson`,
  tokenKey: "token.key",
  personal: "personal.sqlite",
  reviews: "reviews.sqlite",
  /** The event files of `steamer demo`. */
  demoEvents: "demo-events",
  demoOpinions: "demo-opinions",
} as const;

/** The process in the name of a folder of `paths.ahead`, or of a file of `temporaryName`. */
export function ownerOfTemporary(name: string): string | undefined {
  const [, host, process] = /^\.tmp-(?:ahead|write)-(.+)@([\d.]+)-[\w-]+$/.exec(name) ?? [];
  return process === undefined ? undefined : `${host}:${process}`;
}

/** A process, `host:pid.start`, in a file's name: Windows takes no colons. */
const inName = (owner: string) => owner.replace(/:(?=[\d.]+$)/, "@");

/** The output paths of one attempt at the similarity stage. */
export type SimilarityOutput = ReturnType<typeof paths.similarity>;

/** The exports of all runs lie side by side, so an export's name begins with its run. */
export const exportName = (run: string, attempt: number) => `${run}-${attempt}`;

/** Patterns of the row files in a folder, by format. */
export const ROW_FILES = { parquet: "*.parquet", ndjson: "*.ndjson.gz" } as const;
export type RowFormat = keyof typeof ROW_FILES;

/** One machine writes a single file into each folder of rows. */
export const PART = "part-0.parquet";

/** The files of the jobs, in the data bucket. Only the deployer writes below `folder`. */
export const jobFiles = {
  folder: "jobs/",
  spark: {
    main: "jobs/main.py",
    code: "jobs/steamer_spark.zip",
    packages: "jobs/packages.tar.gz",
  },
  loadTemplate: "jobs/load-template.json",
  /** Language models, a folder each. The inference service reads nothing else. */
  languageModels: "jobs/inference/",
  /** Records the sources of a build, so that an unchanged one is not repeated. */
  record: (name: string) => `jobs/${name}.json`,
  /** Cloud Build reads the sources of images from here. */
  source: "jobs/source",
  dataflowTemporary: "tmp/dataflow",
  dataflowStaging: "tmp/dataflow-staging",
} as const;

/** In the bucket of notebooks: what their cluster installs, and where its Jupyter keeps them. */
export const notebookFiles = {
  code: "code/",
  install: "code/install.sh",
  kept: "notebooks/jupyter/",
} as const;

/** Objects under these prefixes are deleted after a week. Dataproc chose the second name. */
export const SHORT_LIVED = ["tmp/", "google-cloud-dataproc-metainfo/", `${jobFiles.source}/`];

/**
 * True for the pointer and the files beside it. They lie in the pointer's bucket, if there is one.
 */
export function isBesidePointer(path: string): boolean {
  const [top, shop, name, ...below] = path.split("/");
  const names: readonly string[] = Object.values(POINTER_FILES);
  return top === "shops" && shop !== "" && names.includes(name) && below.length === 0;
}

/** True when the pointer, or a file beside it, could begin with this prefix. */
export const mayReachPointer = (prefix: string) => prefix.split("/").length <= 3;

/** The run of a manifest's path. */
export const runOfManifest = (path: string) => match(path, /\/runs\/([^/]+)\/manifest\.json$/);

/** The run of a path of rejected rows. */
export const runOfRejects = (path: string) => match(path, /\/runs\/([^/]+)\/rejects\./);

/** The run of an export's path. */
export const runOfExport = (path: string) => match(path, /\/export=([^/]+)-\d+\//);

/** The model of a path below its folder. */
export const modelOf = (path: string) => match(path, /^shops\/[^/]+\/models\/([^/]+)\//);

/** The day and the number in a name of `paths.attributionOf`; undefined for other names. */
export function attributionPartOf(name: string): { day: string; part: number } | undefined {
  const [, day, part = "0"] = /^(\d{4}-\d{2}-\d{2})(?:\.(\d+))?\.ndjson$/.exec(name) ?? [];
  return day === undefined ? undefined : { day, part: Number(part) };
}

const match = (path: string, pattern: RegExp): string | undefined => pattern.exec(path)?.[1];

/** True for rows of users' factors, as the similarity stage writes them. */
export const isUserFactorRows = (path: string) => path.includes("/factors/users/");

/** True for interactions of people who bought on the last day of a model. */
export const isBuyerRows = (path: string) => path.includes("/buyers/");

/** True for the file of users' factors that a service reads into memory. */
export const isUserFactorFile = (path: string) => /\/user-factors(\.[0-9a-f]+)?\.arrow$/.test(path);

/** The name of a users' file that takes the place of another: it follows from the content. */
export const userFactorsBeside = (path: string, sha256: string) =>
  `${path.slice(0, path.lastIndexOf("/") + 1)}user-factors.${sha256.slice(0, 16)}.arrow`;

/** True for the files of a model that a service reads into memory. */
export const isModelFile = (path: string) => /\.(arrow|onnx)$/.test(path);

/** The files of a language model: a folder in Hugging Face's layout. */
export const LANGUAGE_MODEL = {
  config: "config.json",
  tokenizer: "tokenizer.json",
  tokenizerConfig: "tokenizer_config.json",
  /** The first that is there counts. */
  graphs: ["onnx/model.onnx", "onnx/model_quantized.onnx", "model.onnx", "model_quantized.onnx"],
} as const;

/** A pattern for all files beside this one with the same ending, such as `*.ndjson.gz`. */
export const filesLike = (path: string) => `*${path.slice(path.indexOf(".", path.lastIndexOf("/")))}`;

/** The format of a row file, by its ending. */
export const formatOf = (path: string): RowFormat => (path.endsWith(".parquet") ? "parquet" : "ndjson");

/**
 * A file's name until it is complete, with the process that writes it. Cleaning up removes
 * leftovers.
 */
export const temporaryName = (owner: string, unique: string) =>
  `${TEMPORARY}write-${inName(owner)}-${unique}`;
export const isTemporary = (name: string) => name.startsWith(TEMPORARY);

/** The name of the lock with which two processes take turns at one folder's objects. */
export const LOCK = ".lock";
