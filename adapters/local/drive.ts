import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { paths } from "../../contracts/layout.ts";
import type { ItemAliases } from "../../contracts/item-aliases.ts";
import { Manifest } from "../../contracts/manifest.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { readDocument } from "../../night/state/document.ts";
import { readErased } from "../../night/state/erased-list.ts";
import { openRun, requireIdle } from "../../night/run/open-run.ts";
import { readPointer } from "../../night/state/pointer.ts";
import { fingerprintOf, isSameFingerprint } from "../../night/run/fingerprint.ts";
import { abandonStage, advance, cancelRun, takenOver, type Night, type Step } from "../../night/run/run.ts";
import { openItemAliases } from "../item-aliases.ts";
import { openAheadFolder } from "./export/ahead-folder.ts";
import { earlierExport, exportRules } from "./export/earlier-export.ts";
import { ReadAhead } from "./export/last-day.ts";
import { findEventFiles, type EventFile } from "./export/files/input-files.ts";
import { requireFeed } from "./feed/open-feed.ts";
import { describeSources } from "./export/sources.ts";
import { isAlive } from "../process-owner.ts";
import { fileObjects, sweepTemporaries } from "../storage/files.ts";
import { localNight } from "./night.ts";

/** Milliseconds between two looks at a running stage. */
const LOOK_EVERY_MS = 50;

export interface NightHooks {
  onRun?: (manifest: Manifest) => void;
  onStep?: (step: Step) => void;
  signal?: AbortSignal;
  versions?: Record<string, string>;
}

/**
 * Runs a whole night on this machine, or finishes the one that died.
 * @returns the manifest of the ended run; its state says whether it is done or has failed.
 * @throws Problem when a night is running already or the events cannot be found.
 */
export async function runNight(
  settings: Settings,
  force: string | undefined,
  hooks: NightHooks = {},
): Promise<Manifest> {
  const ahead = new ReadAhead();
  try {
    return await runNightOn(localNight(settings, ahead), force, hooks, ahead);
  } finally {
    await ahead.close();
  }
}

async function runNightOn(
  night: Night,
  force: string | undefined,
  hooks: NightHooks,
  ahead: ReadAhead,
): Promise<Manifest> {
  const { settings } = night;
  const signal = hooks.signal ?? new AbortController().signal;
  // Before events are read, which may take minutes.
  await requireIdle(night, isAlive);
  // A night without interactions fails in its export, which says why. It still needs a name.
  const { files } = await findEventFiles(settings);
  await requireFeed(settings.catalogue);
  const erased = await readErased(night.objects, settings.shop);
  const { shop, data } = settings;
  const aliases = await openItemAliases(settings);
  const rules = exportRules(settings, aliases);
  const earlier = await earlierExport(data, night.objects, { shop, rules, erased });
  const beside = { erased, ...(aliases ? { aliases } : {}) };
  const request = { ...settings, ...beside, ...(earlier ? { earlier } : {}) };
  const progress = (progress: number, message: string) =>
    hooks.onStep?.({ stage: "export", attempt: 1, state: "running", progress, message });
  const openFolder = () => openAheadFolder(data, night.owner, isAlive);
  const lastDay =
    (await ahead.findLastDay(files, request, openFolder, { progress, signal })) ??
    night.now().toISOString().slice(0, 10);
  const fingerprint = fingerprintOf(settings, { lastDay, ...(await sourcesOf(files, aliases)) });
  const versions = { node: process.version, ...hooks.versions };
  const orders = force === undefined ? {} : { force };
  const run = await openRun(night, { lastDay, fingerprint, versions, isAlive, orders });
  // A run that died after its export is finished without them.
  if (run.document.value.stages.export.state === "done") await ahead.close();
  await sweepTemporaries(join(settings.data, paths.shop(settings.shop)));
  hooks.onRun?.(run.document.value);
  try {
    for (;;) {
      if (signal.aborted && run.document.value.state === "running")
        await cancelRun(night, run, "it was cancelled");
      const step = await advance(night, run);
      if (!step) return run.document.value;
      hooks.onStep?.(step);
      if (step.state === "running") await delay(LOOK_EVERY_MS);
    }
  } catch (error) {
    await abandonStage(night, run);
    throw takenOver(error, settings.shop);
  }
}

const sourcesOf = async (files: EventFile[], aliases: ItemAliases | undefined) => ({
  sources: await describeSources(files),
  ...(aliases ? { aliases: aliases.sha256 } : {}),
});

/** True when a night with these settings would make the current model again. */
export async function isUpToDate(settings: Settings): Promise<boolean> {
  const objects = fileObjects(settings.data);
  const pointer = await readPointer(objects, settings.shop);
  if (!pointer) return false;
  const { model, lastDay } = pointer.value;
  const manifest = await readDocument(objects, paths.manifest(settings.shop, model), Manifest);
  const { files } = await findEventFiles(settings);
  const sources = await sourcesOf(files, await openItemAliases(settings));
  const wanted = fingerprintOf(settings, { lastDay, ...sources });
  return manifest !== null && isSameFingerprint(manifest.value.settings, wanted);
}
