import type { Static, TSchema } from "typebox";
import { Value } from "typebox/value";
import { Problem } from "../../contracts/problem.ts";
import type { Manifest, StageName } from "../../contracts/manifest.ts";
import type { Settings } from "../../contracts/settings/settings.ts";

/** The input of a stage. The results of earlier stages are in the manifest. */
export interface StageContext {
  manifest: Manifest;
  settings: Settings;
  attempt: number;
}

/**
 * Names the work of an attempt, as plain JSON. The manifest keeps it, so that any process can look
 * at the work or cancel it.
 */
export type Operation = Record<string, unknown>;

export type StageState =
  | { state: "running"; progress: number; message?: string }
  | { state: "done"; metrics: Record<string, unknown>; warnings?: string[] }
  | { state: "failed"; reason: string; retry: boolean };

/**
 * One step of a night. It computes at least once and becomes visible once. Every attempt writes
 * under `<stage>=<attempt>/`, and the manifest pins the one that counts.
 */
export interface Stage {
  name: StageName;
  /** Starts an attempt. Starting the same attempt twice has the effect of once. */
  start(context: StageContext): Promise<Operation>;
  poll(context: StageContext, operation: Operation): Promise<StageState>;
  cancel(context: StageContext, operation: Operation): Promise<void>;
}

/**
 * The metrics of a finished stage, read from the manifest and checked.
 * @throws Problem when they do not fit the schema.
 */
export function metricsOf<S extends TSchema>(manifest: Manifest, stage: StageName, schema: S): Static<S> {
  const metrics = manifest.stages[stage].metrics;
  if (Value.Check(schema, metrics)) return metrics;
  const why = `the manifest does not say what ${stage} did`;
  const next = "run the night again; if it happens again, report it with the manifest";
  throw new Problem({ doing: `Reading the manifest of run ${manifest.run}`, why, next });
}
