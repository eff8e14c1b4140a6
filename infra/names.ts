import { createHash } from "node:crypto";
import { Problem } from "../contracts/problem.ts";

/** Where the images lie; the names that functions and jobs know too are in contracts/google-names.ts. */
export const REPOSITORY = "steamer";
/** Label of everything that takes labels: budgets and bills can be filtered by it. */
export const LABEL = "app=steamer";

export const jobName = (shop: string) => `steamer-${shop}`;
export const recommenderName = (shop: string) => `steamer-recommender-${shop}`;
export const operatorName = (shop: string) => `steamer-operator-${shop}`;
/** Secret Manager: the key that signs attribution tokens. */
export const tokenKeyName = (shop: string) => `steamer-token-key-${shop}`;
/** Cloud Logging: what routes attributed events to BigQuery. */
export const sinkName = (shop: string) => `steamer-attribution-${shop}`;
/** Names of datasets have no hyphens, names of shops no underscores. */
export const attributionDataset = (shop: string) => `steamer_attribution_${shop.replaceAll("-", "_")}`;
export const repositoryPath = (region: string, project: string) =>
  `${region}-docker.pkg.dev/${project}/${REPOSITORY}`;

/** Identifies what a resource was made from. It is kept on the resource: equal stamps mean that nothing has to be done. */
export function stamp(...parts: unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}

/**
 * Settings as `--set-env-vars` has them; the delimiter is named first, since values may have commas.
 * @throws Problem when a value has the delimiter.
 */
export function environment(settings: Record<string, string>): string {
  for (const [name, value] of Object.entries(settings)) if (value.includes("|")) throw delimited(name, value);
  const variable = (name: string) => `STEAMER_${name.replace(/[A-Z]/g, "_$&").toUpperCase()}`;
  return `--set-env-vars=^|^${Object.entries(settings)
    .map(([name, value]) => `${variable(name)}=${value}`)
    .join("|")}`;
}

function delimited(name: string, value: string): Problem {
  const why = `steamer.${name} is ${value}, and | divides settings there`;
  return new Problem({ doing: "Passing settings to Google Cloud", why, next: "leave the | out" });
}
