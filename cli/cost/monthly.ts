import { always, DAYS, instances, round, some, usd, type CostLine, type ShopNumbers } from "./lines.ts";
import { machineOf, type Machine } from "./machine.ts";
import { personalCost } from "./personal.ts";
import type { PriceTable } from "./prices.ts";
import { reviewsCost } from "./reviews.ts";

/** Google's month for the prices of disks, in hours. */
const HOURS_OF_DISKS = 730;
const CLUSTER_DISK_GB = 100;
const LOAD_DISK_GB = 25;

/** Spot machines are 60 to 91 % cheaper; the estimate takes the least. */
export const SPOT_SHARE = 0.4;

/** Dollars for machines of a Dataproc cluster. */
export function clusterCost(
  { prices }: PriceTable,
  { cpus, memoryGb }: Machine,
  machineHours: number,
): number {
  const machine = usd(prices.machineCpu, cpus) + usd(prices.machineMemory, memoryGb);
  const disk = usd(prices.clusterDisk, CLUSTER_DISK_GB) / HOURS_OF_DISKS;
  return machineHours * (machine + usd(prices.clusterFee, cpus) + disk);
}

/** Dollars for workers of a Dataflow job. */
export function loadCost({ prices }: PriceTable, { cpus, memoryGb }: Machine, workerHours: number): number {
  const disk = usd(prices.loadDisk, LOAD_DISK_GB);
  return workerHours * (usd(prices.loadCpu, cpus) + usd(prices.loadMemory, memoryGb) + disk);
}

/** Dollars for Datastore's work in some days; a free quota comes back every day. */
export function entitiesCost(
  { prices, free }: PriceTable,
  operation: "written" | "read" | "deleted",
  perDay: number,
  days: number,
): number {
  return usd(prices[operation], Math.max(0, perDay - free[operation]) * days);
}

/**
 * The estimate of a month of 30 days, line by line.
 * @throws RangeError when a machine type's price is not known.
 */
export function monthlyCost(shop: ShopNumbers, table: PriceTable): CostLine[] {
  const rest = always("other", "scheduling and the rest", usd(table.prices.other, 1));
  const serving = instances(shop, table, shop.instances, some(shop.instances, "instance"));
  const optional = [...personalCost(shop, table), ...reviewsCost(shop, table), ...pushing(shop, table)];
  return [...computing(shop, table), ...storing(shop, table), serving, ...optional, rest];
}

function computing(shop: ShopNumbers, table: PriceTable): CostLine[] {
  const { scanned, clusterMachine, machines, clusterHours, loadMachine, workers, loadHours } = shop;
  const cluster = clusterCost(table, pricedMachine(clusterMachine), machines * clusterHours * DAYS);
  const load = loadCost(table, pricedMachine(loadMachine), workers * loadHours * DAYS);
  return [
    always("BigQuery", `${round(scanned)} GB scanned a day`, usd(table.prices.scanned, scanned * 1e9 * DAYS)),
    always("Dataproc", `${round(machines)} ${clusterMachine} for ${round(clusterHours)} h a night`, cluster),
    filling("Dataflow", `${round(workers)} ${loadMachine} for ${round(loadHours)} h a night`, load),
  ];
}

function storing({ entities, requests, keys, stored }: ShopNumbers, table: PriceTable): CostLine[] {
  const month = (operation: "written" | "read" | "deleted", perDay: number) =>
    entitiesCost(table, operation, perDay, DAYS);
  const kept = usd(table.prices.stored, Math.max(0, stored - table.free.stored));
  const reading = `${round(requests)} requests a day, ${some(keys, "key")} read each`;
  return [
    filling("Datastore", `${round(entities)} entities written a night`, month("written", entities)),
    filling("Datastore", `${round(entities)} of an old model deleted a night`, month("deleted", entities)),
    { ...always("Datastore", reading, 0), datastore: month("read", requests * keys) },
    filling("Datastore", `${round(stored)} GB stored`, kept),
  ];
}

function pushing({ pushes }: ShopNumbers, { prices }: PriceTable): CostLine[] {
  if (pushes === 0) return [];
  return [
    always("Cloud Scheduler", "a job that pushes the catalogue", usd(prices.job, 1)),
    always(
      "functions",
      `the catalogue is pushed ${round(pushes)} times a day`,
      usd(prices.push, DAYS * pushes),
    ),
  ];
}

/** A cost that goes away when Datastore is not filled. */
const filling = (service: string, what: string, cost: number): CostLine => ({
  ...always(service, what, cost),
  snapshotOnly: 0,
});

function pricedMachine(type: string): Machine {
  const machine = machineOf(type);
  if (!machine) throw new RangeError(`the price of ${type} is not known: it is of n1 and n2 machines`);
  return machine;
}
