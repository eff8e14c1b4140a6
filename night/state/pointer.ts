import { Problem } from "../../contracts/problem.ts";
import { modelOf, paths } from "../../contracts/layout.ts";
import { lastDayOf, Pointer } from "../../contracts/manifest.ts";
import { makeBlockList } from "./block-list.ts";
import { readDocument, swapDocument, type Document } from "./document.ts";
import { GenerationConflict, type Objects } from "./objects.ts";
import { compareRuns, listRuns } from "../run/run.ts";
import { readSnapshot } from "./snapshot.ts";

/** The pointer to the current model; null before the first night. */
export function readPointer(objects: Objects, shop: string): Promise<Document<Pointer> | null> {
  return readDocument(objects, paths.pointer(shop), Pointer);
}

/** The result of a publication. */
export type Publication = "published" | "already current" | "held";

/**
 * Makes a model the current one. One atomic swap does it: customers see the whole old model or the
 * whole new one. During a hold (set by a rollback) the model is kept, but not published.
 * @throws Problem when the current model's last day is later, unless forced.
 */
export async function publishModel(
  objects: Objects,
  { shop, model, now, force = false }: { shop: string; model: string; now: Date; force?: boolean },
): Promise<Publication> {
  for (;;) {
    const document = await readPointer(objects, shop);
    const current = document?.value;
    const lastDay = lastDayOf(model);
    if (current?.model === model) return "already current";
    if (current?.hold) return "held";
    if (current && current.lastDay > lastDay && !force) throw olderDay(shop, model, current);
    await makeBlockList(objects, shop);
    const pointed = {
      model,
      lastDay,
      previous: current?.model ?? null,
      hold: null,
      hasBlockList: true as const,
    };
    const next = moved(current, pointed, now);
    const none = { path: paths.pointer(shop), value: next, generation: null };
    try {
      await swapDocument(objects, document ?? none, next);
      return "published";
    } catch (error) {
      // Somebody else moved the pointer: read it again, and decide again.
      if (!(error instanceof GenerationConflict)) throw error;
    }
  }
}

/**
 * Time for which a former current or previous model is kept. A recommender may still be answering
 * from it.
 */
const GRACE_MS = 24 * 3600 * 1000;

/** The pointer after a move. For a day it remembers the models to which it pointed. */
function moved(before: Pointer | undefined, next: Pointer, now: Date): Pointer {
  const pointedAt = before ? [before.model, before.previous].filter((model) => model !== null) : [];
  const at = now.toISOString();
  const retired = [...(before?.retired ?? []), ...pointedAt.map((model) => ({ model, at }))].filter(
    (old) => now.getTime() - Date.parse(old.at) < GRACE_MS,
  );
  const gone = retired.filter(({ model }) => model !== next.model && model !== next.previous);
  const latest = new Map(gone.map((old) => [old.model, old]));
  const { hasBlockList } = { ...before, ...next };
  return { ...next, ...(hasBlockList ? { hasBlockList } : {}), retired: [...latest.values()] };
}

/**
 * The models that pruning must keep at any age: the current and the previous one, and each that was
 * one of them within the last day.
 */
export function pointedAt({ model, previous, retired = [] }: Pointer, now: Date): string[] {
  const recent = retired.filter(({ at }) => now.getTime() - Date.parse(at) < GRACE_MS);
  return [model, ...(previous === null ? [] : [previous]), ...recent.map((old) => old.model)];
}

/**
 * Makes an older model current: the named one, or the one before. It also sets a hold: later nights
 * build their models, but do not publish them until `release`.
 * @throws Problem when there is no such model.
 */
export async function rollback(
  objects: Objects,
  { shop, model, reason, now }: { shop: string; model?: string; reason: string; now: Date },
): Promise<Pointer> {
  const document = await requirePointer(objects, shop);
  const current = document.value;
  const kept = await listModels(objects, shop);
  const target = model ?? kept.filter((other) => compareRuns(other, current.model) < 0).at(-1) ?? null;
  if (!target || !kept.includes(target) || target === current.model)
    throw nothingBefore(shop, target, current, kept);
  // A model that cannot be loaded would be worse than the serving one.
  await readSnapshot(objects, shop, target);
  const hold = { since: now.toISOString(), reason };
  const next = moved(
    current,
    { model: target, lastDay: lastDayOf(target), previous: current.model, hold },
    now,
  );
  return (await swapDocument(objects, document, next)).value;
}

/** Ends the hold: the next night publishes again. */
export async function release(objects: Objects, shop: string): Promise<Pointer> {
  const document = await requirePointer(objects, shop);
  return (await swapDocument(objects, document, { ...document.value, hold: null })).value;
}

/** The shop's models, oldest first. Their load stage is done, and they have not been pruned. */
export async function listModels(objects: Objects, shop: string): Promise<string[]> {
  const folders = new Set(await modelFolders(objects, shop));
  const runs = (await listRuns(objects, shop)).map(({ value }) => value);
  return runs
    .filter(({ run, stages }) => folders.has(run) && stages.load.state === "done")
    .map(({ run }) => run);
}

/** The names of all model folders, complete or not. */
export async function modelFolders(objects: Objects, shop: string): Promise<string[]> {
  const names = (await objects.list(paths.models(shop))).flatMap((path) => modelOf(path) ?? []);
  return [...new Set(names)];
}

/** @throws Problem when the shop has no model yet. */
export async function requirePointer(objects: Objects, shop: string): Promise<Document<Pointer>> {
  const document = await readPointer(objects, shop);
  if (document) return document;
  const next = `run a night first: steamer nightly --shop ${shop} --events <files>`;
  throw new Problem({
    doing: `Reading the current model of ${shop}`,
    why: "no model has been published yet",
    next,
  });
}

function olderDay(shop: string, model: string, current: Pointer): Problem {
  const why = `its last day is older than that of the current model ${current.model}`;
  const next = `to go back to an older model: steamer rollback <model> --shop ${shop}; to publish it all the same: --force --reason '<why>'`;
  return new Problem({ doing: `Publishing model ${model} of ${shop}`, why, next });
}

function nothingBefore(shop: string, target: string | null, current: Pointer, kept: string[]): Problem {
  const why =
    target === current.model
      ? `${target} is the current model`
      : target
        ? `there is no model ${target}`
        : "there is no model before the current one";
  const others = kept.filter((model) => model !== current.model);
  const next = others.length > 0 ? `choose one of ${others.join(", ")}` : "run another night first";
  return new Problem({ doing: `Rolling back ${shop}`, why, next });
}
