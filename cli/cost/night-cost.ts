import { Value } from "typebox/value";
import type { Manifest, StageName } from "../../contracts/manifest.ts";
import { ExportMetrics, LoadMetrics, SimilarityMetrics } from "../../contracts/metrics.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { usd } from "./lines.ts";
import { clusterCost, entitiesCost, loadCost, SPOT_SHARE } from "./monthly.ts";
import { aheadCost } from "./personal.ts";
import { machineOf } from "./machine.ts";
import { PRICES, type PriceTable } from "./prices.ts";

/** The settings that choose a night's machines. */
export type Machines = Pick<
  Settings,
  "clusterMachine" | "clusterWorkers" | "clusterSpotWorkers" | "loadMachine" | "loadWorkers"
>;

/** A night's use of what Google bills. Of a stage with several attempts, the last one counts. */
export interface NightUse {
  scannedGb: number;
  machines: number;
  clusterHours: number;
  workers: number;
  loadHours: number;
  entities: number;
  deleted: number;
  /** Users' lists that were computed ahead. */
  ahead: number;
}

/** The machines of a cluster, spot machines by what they cost. One leads. */
export const clusterMachines = ({ clusterWorkers, clusterSpotWorkers }: Machines) =>
  1 + clusterWorkers + SPOT_SHARE * clusterSpotWorkers;

/** Reads a Google Cloud night's use from its manifest; null for a night on this machine. */
export function nightUse({ stages, settings }: Manifest, machines: Machines): NightUse | null {
  const exported = metrics(stages.export.metrics, ExportMetrics);
  if (exported?.bytesBilled === undefined) return null;
  const similar = metrics(stages.similarity.metrics, SimilarityMetrics);
  const loaded = metrics(stages.load.metrics, LoadMetrics);
  const stored = loaded?.datastore;
  const isCluster = settings["engine"] !== "bigquery";
  // A load that failed has cost its hours, too.
  const isFilled = stored !== undefined || settings["stores"] === "both";
  // The workers are gone when a function computes the lists.
  const hoursAhead = (loaded?.ahead?.seconds ?? 0) / 3600;
  return {
    scannedGb:
      (exported.bytesBilled + (similar?.bytesBilled ?? 0) + (loaded?.catalogue?.bytesBilled ?? 0)) / 1e9,
    machines: clusterMachines(machines),
    clusterHours: isCluster ? hours({ stages }, "similarity") : 0,
    workers: machines.loadWorkers,
    loadHours: isFilled ? Math.max(0, hours({ stages }, "load") - hoursAhead) : 0,
    entities: stored?.entities ?? 0,
    deleted: stored?.deleted ?? 0,
    ahead: loaded?.ahead?.users ?? 0,
  };
}

/**
 * A night's cost on Google Cloud, in dollars at today's list prices: bytes billed, the cluster's
 * and the workers' hours, entities, lists computed ahead. Null for a night on this machine, and for
 * a machine of unknown price.
 */
export function estimatedCost(
  manifest: Manifest,
  machines: Machines,
  table: PriceTable = PRICES["2026"],
): number | null {
  const use = nightUse(manifest, machines);
  const [cluster, worker] = [machineOf(machines.clusterMachine), machineOf(machines.loadMachine)];
  if (!use || !cluster || !worker) return null;
  return (
    usd(table.prices.scanned, use.scannedGb * 1e9) +
    clusterCost(table, cluster, use.machines * use.clusterHours) +
    loadCost(table, worker, use.workers * use.loadHours) +
    entitiesCost(table, "written", use.entities, 1) +
    entitiesCost(table, "deleted", use.deleted, 1) +
    aheadCost(table, use.ahead)
  );
}

function hours({ stages }: Pick<Manifest, "stages">, stage: StageName): number {
  const { startedAt, finishedAt } = stages[stage];
  return startedAt && finishedAt ? (Date.parse(finishedAt) - Date.parse(startedAt)) / 3_600_000 : 0;
}

function metrics<S extends typeof ExportMetrics | typeof SimilarityMetrics | typeof LoadMetrics>(
  value: unknown,
  schema: S,
) {
  return Value.Check(schema, value) ? value : undefined;
}
