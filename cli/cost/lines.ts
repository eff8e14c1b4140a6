import type { Price, PriceTable } from "./prices.ts";

/** A month has 30 days in these estimates. */
export const DAYS = 30;
const HOURS = 24 * DAYS;

/** A shop's monthly quantities. The values are those of the 2018 article's shop. */
export const ARTICLE_SHOP = {
  scanned: 100,
  clusterMachine: "n1-standard-4",
  machines: 3,
  clusterHours: 2,
  loadMachine: "n1-standard-1",
  workers: 2,
  loadHours: 3,
  entities: 300_000,
  requests: 5_000_000,
  keys: 1,
  stored: 5,
  instances: 1,
  /** Shops that share the instances. */
  shops: 1,
  /** Of users' own lists a day: requests, those that find none, and what a night computes ahead. */
  personalRequests: 0,
  lists: 0,
  ahead: 0,
  /** Instances of the Personalizer: a half runs half of the time. */
  personalizers: 0,
  /** A day: reviews that are written, and pages of an item's reviews that are shown. */
  reviews: 0,
  reviewPages: 0,
  /** Instances of the inference service. */
  inferences: 0,
  /** Pushes of the catalogue a day, by the deployment's schedule. */
  pushes: 0,
};
export type ShopNumbers = typeof ARTICLE_SHOP;

/** One line of an estimate, in dollars a month, for three ways to serve. */
export interface CostLine {
  service: string;
  what: string;
  /** Requests read Datastore. */
  datastore: number;
  /** The snapshot answers requests, and Datastore is filled too: the setting stores=both. */
  snapshot: number;
  /** The snapshot answers, and Datastore stays empty: the default. */
  snapshotOnly: number;
}

export const usd = ({ usd, per }: Price, quantity: number): number => (usd * quantity) / per;

/** Cloud Tasks bills a task's creation, and its delivery. */
export const TASK_OPERATIONS = 2;

const SIZES = { instance: "1 vCPU and 2 GB", inference: "2 vCPU and 2 GB" };

/** Instances that shops may share: each bears the same part. */
export function instances(
  { shops }: ShopNumbers,
  { serving, prices }: PriceTable,
  count: number,
  named: string,
  size: keyof typeof SIZES = "instance",
): CostLine {
  const shared = shops > 1 ? `, shared by ${round(shops)} shops` : "";
  const what = `${named} of ${SIZES[size]}, ${Number.isInteger(count) ? "always on" : "on average"}${shared}`;
  return always(serving, what, usd(prices[size], (count * HOURS) / Math.max(1, shops)));
}

export const always = (service: string, what: string, cost: number): CostLine => ({
  service,
  what,
  datastore: cost,
  snapshot: cost,
  snapshotOnly: cost,
});

export const round = (value: number) => value.toLocaleString("en-US", { maximumSignificantDigits: 3 });
export const some = (value: number, what: string) => `${round(value)} ${what}${value === 1 ? "" : "s"}`;
