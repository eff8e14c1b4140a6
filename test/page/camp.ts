import { paths } from "../../contracts/layout.ts";
import { lastDayOf, type Manifest } from "../../contracts/manifest.ts";
import type { Objects } from "../../night/state/objects.ts";
import { takeDown } from "../../night/state/block-list.ts";
import { snapshotOf, type PlainItem } from "../core/ranking/plain-answer.ts";
import { publishSnapshot } from "../published.ts";
import { someHindsight } from "../some-hindsight.ts";

/** An id, and so a name, that would run as a script if it became markup. */
export const HOSTILE = `<img src=x onerror="alert(1)">/?#%&'__proto__`;

/** A small shop in which it is known what goes with what; one of its products means harm. */
export function campSnapshot(): Uint8Array {
  const item = (id: string, category: string, price: number, users: number): PlainItem => ({
    id,
    category,
    price,
    available: true,
    users,
    similar: [],
    together: [],
  });
  const tent = item("tent", "Tents", 120, 90);
  const dome = item("dome", "Tents", 80, 30);
  const stove = item("stove", "Kitchen", 30, 70);
  const gas = item("gas", "Kitchen", 5, 60);
  const hostile = item(HOSTILE, `<b>bold</b> & "loud"`, 1, 50);
  const mugs = Array.from({ length: 20 }, (_, k) => item(`mug-${k}`, "Mugs", 4 + k, 20 - k));
  tent.similar = [
    ["dome", 0.5],
    [HOSTILE, 0.25],
  ];
  tent.together = [["stove", 0.4]];
  dome.similar = [["tent", 0.5]];
  stove.similar = [["gas", 0.3]];
  stove.together = [["gas", 0.7]];
  hostile.similar = [["tent", 0.25]];
  return snapshotOf([tent, dome, stove, gas, hostile, ...mugs]);
}

/**
 * The shop `toys`: four nights, of which one failed, one died and one is serving; an item is taken
 * down.
 */
export async function publishCamp(objects: Objects): Promise<void> {
  await night(objects, "2026-11-17", { coverage: 0.7, overlap: null });
  await night(objects, "2026-11-18", null, {
    state: "failed",
    reason: "Publishing failed: the overlap is 0.01, below 0.05\n  Next: look at <i>these</i> days",
  });
  await night(objects, "2026-11-19", { coverage: 0.9, overlap: 0.6, ndcg10: 0.31 });
  await night(objects, "2026-11-21", null, { state: "running" });
  await publishSnapshot(objects, "2026-11-20.1", campSnapshot());
  await measure(objects, "2026-11-20.1", { coverage: 0.16, overlap: 0.8, ndcg10: 0.24 });
  const reason = "recalled <b>by</b> its maker";
  await takeDown(objects, { shop: "toys", items: ["mug-3"], reason, now: new Date("2026-11-20T08:00:00Z") });
}

interface Quality {
  coverage: number;
  overlap: number | null;
  /** In hindsight, of the model that served. */
  ndcg10?: number;
}

async function night(
  objects: Objects,
  day: string,
  quality: Quality | null,
  end: { state: Manifest["state"]; reason?: string } = { state: "done" },
): Promise<void> {
  const run = `${day}.1`;
  const times = { startedAt: `${day}T02:00:00Z`, finishedAt: `${day}T02:01:30Z` };
  const done = { ...times, state: "done", attempt: 1 } as const;
  const { reason } = end;
  const manifest: Manifest = {
    format: 1,
    shop: "toys",
    run,
    lastDay: day,
    state: end.state,
    startedAt: times.startedAt,
    ...(end.state === "running" ? {} : { finishedAt: times.finishedAt }),
    lease: { owner: "gone", expiresAt: times.finishedAt },
    settings: {},
    versions: {},
    warnings: [],
    stages: {
      export: { ...done, metrics: { rows: 1234 } },
      similarity: { ...done, metrics: { scenarios: { similar: { neighbours: 400 } } } },
      load: { ...done, metrics: { items: 25 } },
      publish: { ...done, state: end.state, attempt: 2, ...(reason === undefined ? {} : { reason }) },
    },
  };
  await objects.put(paths.manifest("toys", run), JSON.stringify(manifest));
  if (quality) await measure(objects, run, quality);
}

async function measure(objects: Objects, run: string, { ndcg10, ...quality }: Quality): Promise<void> {
  const path = paths.manifest("toys", run);
  const manifest = JSON.parse(Buffer.from((await objects.get(path))!.data).toString()) as Manifest;
  manifest.startedAt ||= "2026-11-20T02:00:00Z";
  const hindsight = ndcg10 === undefined ? undefined : someHindsight(lastDayOf(run), ndcg10);
  manifest.stages.publish.metrics = { publication: "published", gate: { items: 25, ...quality }, hindsight };
  await objects.put(path, JSON.stringify(manifest));
}
