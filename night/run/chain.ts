import { Problem } from "../../contracts/problem.ts";
import { paths } from "../../contracts/layout.ts";
import { Manifest } from "../../contracts/manifest.ts";
import { readDocument } from "../state/document.ts";
import { GenerationConflict } from "../state/objects.ts";
import type { Look, Queue } from "./queue.ts";
import { advance, currentStage, type Night, type Step } from "./run.ts";

/** Pause between a failed attempt and the next one. */
const BACK_OFF_SECONDS = 60;

/** Result of a look. After `late` and `lost`, another delivery did the work. */
export type Taken =
  { outcome: "late" | "lost" | "ended" } | { outcome: "taken"; step: Step; manifest: Manifest };

/**
 * Takes one look at a run, and asks for the next. The queue may deliver a look twice, late or at
 * the same time, or lose it. Only the look that the manifest expects moves the run, by
 * compare-and-swap. Every delivery makes sure that a next look is on its way.
 * @throws Problem when there is no such run. Errors of a stage pass through, and the queue delivers
 * the look again.
 */
export async function takeLook(night: Night, queue: Queue, look: Look): Promise<Taken> {
  const document = await readDocument(night.objects, paths.manifest(look.shop, look.run), Manifest);
  if (!document) throw noRun(look);
  const run = { document };
  if (run.document.value.state !== "running") return { outcome: "ended" };
  const isDue = look.look === (run.document.value.look ?? 0);
  if (!isDue || look.stage !== currentStage(run.document.value)) {
    await enqueueNext(queue, run.document.value, 0);
    return { outcome: "late" };
  }
  try {
    const step = await advance(night, run);
    if (!step) return { outcome: "ended" };
    await enqueueNext(queue, run.document.value, delayAfter(night, step));
    return { outcome: "taken", step, manifest: run.document.value };
  } catch (error) {
    if (!(error instanceof GenerationConflict)) throw error;
    // The winner of the race may have died before it asked for the next look.
    const now = await readDocument(night.objects, document.path, Manifest);
    if (now) await enqueueNext(queue, now.value, 0);
    return { outcome: "lost" };
  }
}

/** Asks for the look that the manifest expects, unless the run has ended. */
export async function enqueueNext(queue: Queue, manifest: Manifest, delay: number): Promise<void> {
  const { shop, run, look = 0 } = manifest;
  const stage = currentStage(manifest);
  if (manifest.state !== "running" || !stage) return;
  await queue.enqueue({ shop, run, stage, attempt: manifest.stages[stage].attempt, look }, delay);
}

function delayAfter({ settings }: Night, { state }: Step): number {
  if (state === "running") return settings.lookSeconds;
  return state === "done" ? 0 : BACK_OFF_SECONDS;
}

function noRun({ shop, run }: Look): Problem {
  const next = `\`steamer runs --shop ${shop}\` lists the runs there are`;
  return new Problem({ doing: `Looking at run ${run} of ${shop}`, why: "there is no such run", next });
}
