import { createHash } from "node:crypto";
import { Problem } from "../contracts/problem.ts";
import { variableOf } from "../contracts/settings/variable.ts";

/**
 * The repository of images. Names shared with functions and jobs are in contracts/google-names.ts.
 */
export const REPOSITORY = "steamer";
/** The label of every resource that takes labels: budgets and bills can be filtered by it. */
export const LABEL = "app=steamer";

export const jobName = (shop: string) => `steamer-${shop}`;
/** Names of shops have no underscores: no shop's nights have this name. */
export const reviewsJobName = (shop: string) => `steamer_reviews_${shop}`;
export const catalogueJobName = (shop: string) => `steamer_catalogue_${shop}`;
export const recommenderName = (shop: string) => `steamer-recommender-${shop}`;
export const personalizerName = (shop: string) => `steamer-personalizer-${shop}`;
export const inferenceName = (shop: string) => `steamer-inference-${shop}`;
export const operatorName = (shop: string) => `steamer-operator-${shop}`;
export const notebookName = (shop: string) => `steamer-notebook-${shop}`;
/** The bucket of notebooks: what runs in a notebook may write to this one alone. */
export const notebookBucket = (dataBucket: string) => `${dataBucket}-notebooks`;
/** Secret Manager: the key that signs attribution tokens. */
export const tokenKeyName = (shop: string) => `steamer-token-key-${shop}`;
/** Cloud Logging: the sink that routes attributed events to BigQuery. */
export const sinkName = (shop: string) => `steamer-attribution-${shop}`;
/** Names of datasets have no hyphens, names of shops no underscores. */
export const attributionDataset = (shop: string) => `steamer_attribution_${shop.replaceAll("-", "_")}`;
export const repositoryPath = (region: string, project: string) =>
  `${region}-docker.pkg.dev/${project}/${REPOSITORY}`;

/**
 * Identifies a resource's inputs, and is kept on the resource. Equal stamps mean that nothing has
 * to be done.
 */
export function stamp(...parts: unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}

/**
 * Settings in the format of `--set-env-vars`. The delimiter is named first, since values may
 * contain commas.
 * @throws Problem when a value contains the delimiter.
 */
export function environment(settings: Record<string, string>): string {
  for (const [name, value] of Object.entries(settings)) if (value.includes("|")) throw delimited(name, value);
  return `--set-env-vars=^|^${Object.entries(settings)
    .map(([name, value]) => `${variableOf(name)}=${value}`)
    .join("|")}`;
}

function delimited(name: string, value: string): Problem {
  const why = `steamer.${name} is ${value}, and | divides settings there`;
  return new Problem({ doing: "Passing settings to Google Cloud", why, next: "leave the | out" });
}
