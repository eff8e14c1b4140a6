/**
 * Google Cloud's list prices, in US dollars, of us-central1. Each table was true on its date: look
 * the prices up again before you rely on a figure.
 */
export interface Price {
  usd: number;
  /** The number of units that the price buys. */
  per: number;
  unit: string;
  /** Month in which it was the list price. */
  date: string;
  /** For a figure that is no list price: its source. */
  note?: string;
}

export type PriceName =
  | "scanned"
  | "machineCpu"
  | "machineMemory"
  | "clusterFee"
  | "clusterDisk"
  | "loadCpu"
  | "loadMemory"
  | "loadDisk"
  | "written"
  | "read"
  | "deleted"
  | "stored"
  | "instance"
  | "inference"
  | "task"
  | "job"
  | "call"
  | "push"
  | "other";

export interface PriceTable {
  date: string;
  source: string;
  /** The product that answers requests. */
  serving: string;
  prices: Record<PriceName, Price>;
  /**
   * Free quotas: Datastore's entities a day and GiB, of one database of a project, and Cloud Tasks'
   * operations a month.
   */
  free: { written: number; read: number; deleted: number; stored: number; tasks: number };
}

const dated =
  (date: string) =>
  (usd: number, per: number, unit: string, note?: string): Price => ({
    usd,
    per,
    unit,
    date,
    ...(note ? { note } : {}),
  });
const in2018 = dated("2018-07");
const in2026 = dated("2026-11");

export const PRICES = {
  /** With them the article's numbers give the article's $214. */
  "2018": {
    date: "2018-07",
    source: "the list prices behind the article's estimate",
    serving: "App Engine flexible",
    prices: {
      scanned: in2018(5, 1e12, "byte scanned"),
      machineCpu: in2018(0.031611, 1, "vCPU-hour of an n1 machine"),
      machineMemory: in2018(0.004237, 1, "GB-hour of an n1 machine"),
      clusterFee: in2018(
        0.0025,
        1,
        "vCPU-hour of a cluster",
        "Dataproc's fee is inferred from the article's $36: one cent for a whole n1-standard-4; the list had one for each vCPU",
      ),
      clusterDisk: in2018(0, 1, "GB-month of a cluster's disks", "the article leaves disks out"),
      loadCpu: in2018(
        0.031611,
        1,
        "vCPU-hour of a worker",
        "Dataflow is inferred from the article's $9: the price of the machines alone",
      ),
      loadMemory: in2018(0.004237, 1, "GB-hour of a worker"),
      loadDisk: in2018(0, 1, "GB-hour of a worker's disk"),
      written: in2018(0.18, 100_000, "entity written"),
      read: in2018(0.06, 100_000, "entity read"),
      deleted: in2018(0, 100_000, "entity deleted", "the article overwrites entities: it deletes none"),
      stored: in2018(0.18, 1, "GB-month of entities"),
      instance: in2018(
        0.065,
        1,
        "hour of an instance of 1 vCPU and 2 GB",
        "App Engine's price is inferred from the article's $46.80 over 720 hours",
      ),
      inference: in2018(2 * 0.065, 1, "hour of an instance of 2 vCPU and 4 GB"),
      task: in2018(0, 1, "task", "the article has no tasks: they, their calls and jobs are free in it"),
      job: in2018(0, 1, "job of cron"),
      call: in2018(0, 1, "call"),
      push: in2018(0, 1, "push"),
      other: in2018(1, 1, "month of App Engine's cron", "cron is the article's $1"),
    },
    free: { written: 0, read: 0, deleted: 0, stored: 0, tasks: 0 },
  },
  "2026": {
    date: "2026-11",
    source: "Google's price pages, as quoted in public files",
    serving: "Cloud Run",
    prices: {
      scanned: in2026(6.25, 2 ** 40, "byte scanned"),
      machineCpu: in2026(0.031611, 1, "vCPU-hour of an n1 or n2 machine"),
      machineMemory: in2026(0.004237, 1, "GB-hour of an n1 or n2 machine"),
      clusterFee: in2026(0.01, 1, "vCPU-hour of a cluster"),
      clusterDisk: in2026(
        0.04,
        1,
        "GB-month of a cluster's disks",
        "a cluster's machines have disks of 100 GB",
      ),
      loadCpu: in2026(0.056, 1, "vCPU-hour of a worker"),
      loadMemory: in2026(0.003557, 1, "GB-hour of a worker"),
      loadDisk: in2026(0.000054, 1, "GB-hour of a worker's disk", "a worker has a disk of 25 GB"),
      written: in2026(0.09, 100_000, "entity written"),
      read: in2026(0.03, 100_000, "entity read"),
      deleted: in2026(0.01, 100_000, "entity deleted"),
      stored: in2026(0.15, 1, "GiB-month of entities"),
      // Instance-based: $0.000018 a vCPU-second, $0.000002 a GiB-second.
      instance: in2026(3600 * (0.000018 + 2 * 0.000002), 1, "hour of an instance of 1 vCPU and 2 GiB"),
      inference: in2026(2 * 3600 * (0.000018 + 0.000002), 1, "hour of an instance of 2 vCPU and 2 GiB"),
      job: in2026(0.1, 1, "month of a job of Cloud Scheduler"),
      task: in2026(0.4, 1_000_000, "operation of Cloud Tasks"),
      // Request-based: $0.40 a million, $0.000024 a vCPU-second, $0.0000025 a GiB-second.
      call: in2026(
        0.4 / 1e6 + 0.1 * (0.000024 + 0.5 * 0.0000025),
        1,
        "call of a function",
        "a call of the function personalize or score-review takes 0.1 s of 1 vCPU and 512 MiB",
      ),
      push: in2026(
        0.4 / 1e6 + 20 * (0.000024 + 4 * 0.0000025),
        1,
        "push of the catalogue",
        "a call of the function push-catalogue with a million items takes 20 s of 1 vCPU and 4 GiB",
      ),
      other: in2026(
        1,
        1,
        "month of everything else",
        "scheduler, the nights' functions and tasks, storage and logs are $1 together, rounded up; attributed events are not in it",
      ),
    },
    free: { written: 20_000, read: 50_000, deleted: 20_000, stored: 1, tasks: 1_000_000 },
  },
} as const satisfies Record<string, PriceTable>;

export type PriceYear = keyof typeof PRICES;
