import type { Manifest } from "../../contracts/manifest.ts";
import { Problem } from "../../contracts/problem.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import type { ShopNumbers } from "./lines.ts";
import { nightUse, type Machines, type NightUse } from "./night-cost.ts";

/** The number of nights in a mean. */
const NIGHTS = 7;

/**
 * A shop's monthly quantities, from its last nights.
 * @throws Problem when it has had no night on Google Cloud.
 */
export function numbersOf(
  runs: Manifest[],
  machines: Machines,
  { shop, shops }: Pick<Settings, "shop" | "shops">,
): Partial<ShopNumbers> {
  const finished = runs.filter(({ state }) => state === "done");
  const nights = finished
    .map((run) => nightUse(run, machines))
    .filter((use) => use !== null)
    .slice(-NIGHTS);
  if (nights.length === 0) throw noNights(shop);
  const mean = (name: keyof NightUse) => nights.reduce((sum, use) => sum + use[name], 0) / nights.length;
  return {
    scanned: mean("scannedGb"),
    clusterMachine: machines.clusterMachine,
    machines: mean("machines"),
    clusterHours: mean("clusterHours"),
    loadMachine: machines.loadMachine,
    workers: mean("workers"),
    loadHours: mean("loadHours"),
    entities: mean("entities"),
    ahead: mean("ahead"),
    shops: Math.max(1, shops.length),
  };
}

function noNights(shop: string): Problem {
  const why = "it has had no night on Google Cloud yet";
  const next = "leave --shop away, and give the numbers you expect";
  return new Problem({ doing: `Reading what the nights of ${shop} used`, why, next });
}
