import { createHash } from "node:crypto";
import type { Manifest, StageName } from "../../contracts/manifest.ts";
import type { StageContext } from "../../night/run/stage.ts";

/**
 * The job name of an attempt, the same however often the attempt is started.
 * It has up to 35 of a-z, 0-9 and -: the limit of a Dataproc cluster's name.
 */
export function attemptName({ manifest, attempt }: Omit<StageContext, "settings">, job: string): string {
  // A shop whose bucket was emptied starts again with the same run ids. Its start time keeps the
  // runs apart.
  const { shop, run, startedAt } = manifest;
  const hash = createHash("sha256").update(JSON.stringify([shop, run, startedAt]));
  return `steamer-${job}-${hash.digest("hex").slice(0, 10)}-${attempt}`;
}

/** Labels of all jobs and clusters that cost money: a-z, 0-9, _ and -. */
export function attemptLabels({ shop, run }: Manifest, stage: StageName): Record<string, string> {
  return { app: "steamer", shop, run: run.replaceAll(".", "_"), stage };
}
