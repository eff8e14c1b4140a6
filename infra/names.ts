import { createHash } from "node:crypto";

/** Where the images lie; the names that functions and jobs know too are in contracts/google-names.ts. */
export const REPOSITORY = "steamer";
/** Prefixes of the data bucket whose objects nobody misses after a week. */
export const TEMPORARY = ["tmp/", "google-cloud-dataproc-metainfo/"];
/** Label of everything that takes labels: budgets and bills can be filtered by it. */
export const LABEL = "app=steamer";

export const jobName = (shop: string) => `steamer-${shop}`;
export const recommenderName = (shop: string) => `steamer-recommender-${shop}`;
export const repositoryPath = (region: string, project: string) =>
  `${region}-docker.pkg.dev/${project}/${REPOSITORY}`;

/** Identifies what a resource was made from. It is kept on the resource: equal stamps mean that nothing has to be done. */
export function stamp(...parts: unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}

/** Settings as `--set-env-vars` has them; the delimiter is named first, since values may have commas. */
export function environment(settings: Record<string, string>): string {
  const variable = (name: string) => `STEAMER_${name.replace(/[A-Z]/g, "_$&").toUpperCase()}`;
  return `--set-env-vars=^|^${Object.entries(settings)
    .map(([name, value]) => `${variable(name)}=${value}`)
    .join("|")}`;
}
