import { createHash } from "node:crypto";
import type { Manifest, StageName } from "../../contracts/manifest.ts";
import type { StageContext } from "../../night/run/stage.ts";

/**
 * A name for the work of an attempt, the same whenever the attempt is started: up to 35 of a-z, 0-9 and -, which is all that a
 * Dataproc cluster takes.
 */
export function attemptName({ manifest, attempt }: Omit<StageContext, "settings">, job: string): string {
  // A shop whose bucket was emptied begins again with the same runs: they are other runs all the same.
  const { shop, run, startedAt } = manifest;
  const hash = createHash("sha256").update(JSON.stringify([shop, run, startedAt]));
  return `steamer-${job}-${hash.digest("hex").slice(0, 10)}-${attempt}`;
}

/** Labels of everything that costs money: a-z, 0-9, _ and -. */
export function attemptLabels({ shop, run }: Manifest, stage: StageName): Record<string, string> {
  return { app: "steamer", shop, run: run.replaceAll(".", "_"), stage };
}
