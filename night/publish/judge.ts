import type { Hindsight, NoHindsight } from "../../contracts/hindsight.ts";
import { lastDayOf } from "../../contracts/manifest.ts";
import { Problem } from "../../contracts/problem.ts";
import type { ModelAnswers } from "../../contracts/settings/query.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import type { Snapshot } from "../../core/model/decode.ts";
import { listRuns } from "../run/run.ts";
import { headlineBefore, headlineOf } from "../state/hindsight.ts";
import type { Objects } from "../state/objects.ts";
import { fallWarnings, worseThanServing } from "./fallen.ts";
import type { GateMetrics } from "./gate.ts";
import { lookBack, type ReadBuyers, type ReadClicks } from "./hindsight.ts";

/** The model that served on the last day. */
export interface Served {
  name: string;
  /** Null: it cannot be read. */
  snapshot: Snapshot | null;
  /** What its answers go by, beside the defaults. */
  answers?: ModelAnswers;
  metrics: GateMetrics | null;
  /** Why it cannot be read. */
  damaged?: string;
}

/** What the last day says of the models, and what follows from that. */
export interface Judgement {
  hindsight: Hindsight | NoHindsight;
  /** The gate's objections to the new model. */
  missed: string[];
  warnings: string[];
  /** True when what served has become worse since the night before: an alarm in the cloud. */
  fell: boolean;
}

/** Nights among which the one before is looked for. */
const RUNS = 30;

/** Scores the model that served on the last day, and the new one beside it. */
export async function judge(
  objects: Objects,
  settings: Settings,
  {
    model,
    snapshot,
    serving,
    ...readers
  }: {
    model: string;
    snapshot: Snapshot;
    serving: Served | null;
    readBuyers: ReadBuyers;
    readClicks: ReadClicks;
  },
): Promise<Judgement> {
  const day = lastDayOf(model);
  const nothing = { missed: [], warnings: [], fell: false };
  try {
    const hindsight = await lookBack({ day, serving, next: snapshot }, settings, readers);
    if ("why" in hindsight) return { ...nothing, hindsight };
    const runs = (await listRuns(objects, settings.shop, RUNS)).map(({ value }) => value);
    const now = headlineOf(hindsight);
    const warnings = fallWarnings(now, headlineBefore(runs, now), settings);
    return { hindsight, missed: worseThanServing(hindsight, settings), warnings, fell: warnings.length > 0 };
  } catch (error) {
    // A new model must not wait for figures about an old one.
    if (!(error instanceof Problem)) throw error;
    const warnings = [`Nobody knows how good the serving model was on ${day}. ${error.message}`];
    return { ...nothing, hindsight: { day, why: error.message }, warnings };
  }
}
