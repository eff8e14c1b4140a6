import { STAGES, type Manifest, type StageName } from "../../contracts/manifest.ts";
import type { NightAnswer, NightsAnswer } from "../../contracts/http/pages.ts";
import { readRuns, stateOf } from "../../night/run/run.ts";
import { readBlockList } from "../../night/state/block-list.ts";
import { headlineOf, hindsightOf } from "../../night/state/hindsight.ts";
import { readPointer } from "../../night/state/pointer.ts";
import { modelAnswer } from "../catalogue/catalogue-routes.ts";
import type { Shop } from "../shop.ts";

/** Nights that are shown. */
const NIGHTS = 30;

/** The state of a shop's model and of its last nights. */
export async function nightsOf(shop: Shop): Promise<NightsAnswer> {
  const { objects, settings } = shop;
  const { shop: name } = settings;
  // With storage down the page shows what is in memory, and says what it could not read.
  const unread: string[] = [];
  const read = async <T>(what: string, reading: Promise<T>): Promise<T | null> =>
    reading.catch(() => (unread.push(what), null));
  const [pointer, list, runs] = await Promise.all([
    read("the pointer", readPointer(objects, name)),
    read("what is taken down", readBlockList(objects, name)),
    read("the nights", readRuns(objects, name, NIGHTS)),
  ]);
  const model = shop.model.get();
  for (const { run } of runs?.damaged ?? []) unread.push(`the manifest of ${run}`);
  const { model: pointed, previous, hold } = pointer?.value ?? {};
  return {
    model: model && modelAnswer(model),
    pointer: pointed === undefined ? null : { model: pointed, previous: previous!, hold: hold! },
    failing: [...new Set([...shop.failing(), ...unread])],
    blocked: Object.entries(list?.items ?? {}).map(([item, entry]) => ({ item, ...entry })),
    nights: (runs?.manifests ?? []).reverse().map(({ value }) => nightOf(value, new Date())),
  };
}

/** A night as a page shows it: its manifest, without the parts that only machines read. */
function nightOf(run: Manifest, now: Date): NightAnswer {
  const { startedAt, finishedAt = null, warnings, stages } = run;
  const { publication, gate } = stages.publish.metrics ?? {};
  const measured = (gate ?? {}) as Record<string, unknown>;
  return {
    run: run.run,
    state: stateOf(run, now),
    startedAt,
    finishedAt,
    warnings,
    stages: STAGES.map((stage) => stageOf(stages, stage)),
    publication: typeof publication === "string" ? publication : null,
    quality: {
      items: numberOf(measured["items"]),
      coverage: numberOf(measured["coverage"]),
      overlap: numberOf(measured["overlap"]),
    },
    hindsight: hindsightIn(run),
  };
}

function hindsightIn(run: Manifest): NightAnswer["hindsight"] {
  const found = hindsightOf(run);
  if (!found) return null;
  const { day, model, deed, users, main, mostPopular, clickThrough = null } = headlineOf(found);
  const { recall10, ndcg10, standardError } = main;
  const figures = { recall10, ndcg10, standardError, mostPopular: mostPopular.ndcg10, clickThrough };
  return { day, model, deed, users, ...figures };
}

function stageOf(stages: Manifest["stages"], stage: StageName): NightAnswer["stages"][number] {
  const { state, attempt, startedAt, finishedAt, progress = 0, reason = null } = stages[stage];
  const hasEnded = state === "done" || state === "failed";
  const milliseconds = hasEnded ? Date.parse(finishedAt ?? "") - Date.parse(startedAt ?? "") : NaN;
  const seconds = numberOf(milliseconds / 1000);
  return { stage, state, attempt, seconds, progress, rows: rowsOf(stages, stage), reason };
}

/** The counts of a stage: events read, neighbours found, items loaded, items published. */
function rowsOf(stages: Manifest["stages"], stage: StageName): number | null {
  const { metrics = {} } = stages[stage];
  switch (stage) {
    case "export":
      return numberOf(metrics["rows"]);
    case "similarity": {
      const tables = Object.values((metrics["scenarios"] ?? {}) as Record<string, { neighbours: number }>);
      return tables.length > 0 ? tables.reduce((sum, { neighbours }) => sum + neighbours, 0) : null;
    }
    case "load":
      return numberOf(metrics["items"]);
    case "publish":
      return numberOf((metrics["gate"] as Record<string, unknown> | undefined)?.["items"]);
  }
}

const numberOf = (value: unknown) => (typeof value === "number" && Number.isFinite(value) ? value : null);
