import type { Settings } from "../../contracts/settings/settings.ts";
import { Problem } from "../../contracts/problem.ts";
import { paths } from "../../contracts/layout.ts";
import { Manifest } from "../../contracts/manifest.ts";
import { readDocument } from "../state/document.ts";
import { gate, measureModel, type GateMetrics } from "./gate.ts";
import type { ReadBuyers, ReadClicks } from "./hindsight.ts";
import { judge, type Judgement, type Served } from "./judge.ts";
import type { Objects } from "../state/objects.ts";
import { publishModel, readPointer, type Publication } from "../state/pointer.ts";
import { prune } from "./prune.ts";
import { madeWith } from "../state/model-file.ts";
import { readSnapshot } from "../state/snapshot.ts";

export interface PublishResult extends Pick<Judgement, "hindsight" | "fell"> {
  publication: Publication;
  gate: GateMetrics;
  /** The missed bounds, when publication was forced. */
  missed: string[];
  forced: string | null;
  pruned: string[];
  warnings: string[];
}

/** What is to be published, and what is known of the last day. */
export interface Publishing {
  settings: Settings;
  model: string;
  now: Date;
  force?: string | undefined;
  readBuyers?: ReadBuyers;
  readClicks?: ReadClicks;
}

/**
 * The publish stage: measures the model, asks the gate, swaps the pointer, prunes old models.
 * @throws Problem when the gate holds the model back. The old model continues to serve.
 */
export async function publish(
  objects: Objects,
  {
    settings,
    model,
    now,
    force,
    readBuyers = async () => undefined,
    readClicks = async () => undefined,
  }: Publishing,
): Promise<PublishResult> {
  const { shop } = settings;
  const pointer = (await readPointer(objects, shop))?.value;
  // A repeated look finds the model current already. What served on its last day is the one before.
  const isCurrent = pointer?.model === model;
  const served = (isCurrent ? pointer.previous : pointer?.model) ?? null;
  const snapshot = await readSnapshot(objects, shop, model);
  const found = served === null ? null : await servingModel(objects, shop, served);
  const readers = { readBuyers, readClicks };
  const judged = await judge(objects, settings, { model, snapshot, serving: found, ...readers });
  const other = isCurrent ? null : found;
  const measured = measureModel(snapshot, other?.snapshot ?? null);
  const missed = isCurrent ? [] : [...gate(measured, other?.metrics ?? null, settings), ...judged.missed];
  if (missed.length > 0 && force === undefined) throw heldBack(shop, model, missed);
  const publication = await publishModel(objects, { shop, model, now, force: force !== undefined });
  const pruned = await prune(objects, settings, now);
  const warnings = publication === "held" ? [heldWarning(shop, model)] : [];
  if (other?.damaged) warnings.push(`The serving model could not be compared with. ${other.damaged}`);
  warnings.push(...judged.warnings);
  const { hindsight, fell } = judged;
  return {
    publication,
    gate: measured,
    hindsight,
    fell,
    missed,
    forced: force ?? null,
    pruned,
    warnings,
  };
}

/**
 * The serving model, for comparison. A damaged one must not block its successor. Then the metrics
 * from its own night count, and the overlap is left out.
 */
async function servingModel(objects: Objects, shop: string, model: string): Promise<Served> {
  try {
    const snapshot = await readSnapshot(objects, shop, model);
    const { answers } = await madeWith(objects, shop, model);
    return { name: model, snapshot, answers, metrics: measureModel(snapshot, null) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const manifest = await readDocument(objects, paths.manifest(shop, model), Manifest).catch(() => null);
    const metrics = manifest?.value.stages.publish.metrics?.["gate"] as GateMetrics | undefined;
    return { name: model, snapshot: null, metrics: metrics ?? null, damaged: error.message };
  }
}

function heldBack(shop: string, model: string, missed: string[]): Problem {
  const next = "look at the events of these days; to publish all the same: --force --reason '<why>'";
  return new Problem({ doing: `Publishing model ${model} of ${shop}`, why: missed.join("; "), next });
}

function heldWarning(shop: string, model: string): string {
  return `Model ${model} is built but not published: a rollback set a hold. \`steamer release --shop ${shop}\` ends it.`;
}
