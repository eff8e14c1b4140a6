import { join } from "node:path";
import type { Command } from "commander";
import { REJECT_REASONS, type RejectReason } from "../../contracts/interactions.ts";
import { STAGES, type Manifest, type StageName, type StageRecord } from "../../contracts/manifest.ts";
import type {
  ExportMetrics,
  LoadMetrics,
  Outside,
  ScenarioMetrics,
  SimilarityMetrics,
} from "../../contracts/metrics.ts";
import { Problem } from "../../contracts/problem.ts";
import { MAIN_TABLE } from "../../contracts/tables.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { packageVersion } from "../../adapters/version.ts";
import type { PublishResult } from "../../night/publish/publish.ts";
import { hindsightOf } from "../../night/state/hindsight.ts";
import { forceOf, withForce } from "../force.ts";
import { hindsightText } from "../hindsight-text.ts";
import { interruptible } from "../interruptible.ts";
import { settingsOf, tunedSettingsOf, withSettings, withSome } from "../options.ts";
import { showProgress } from "../progress.ts";
import { count, duration } from "../table.ts";
import { tell } from "../print.ts";

export function addNightly(program: Command): void {
  const command = program
    .command("nightly")
    .description("run a night: events in, a new model out")
    .addHelpText("after", EXAMPLES);
  withSettings(withForce(command), "events", "catalogue", "similarity", "als", "model", "shop");
  withSome(command, "Reviews", "reviews.weight", "reviews.penalty", "reviews.contradiction");
  withSome(command, "Personal", "personal.ahead", "personal.results").action(async (options) => {
    refuseCloud(settingsOf(options));
    const { settings, tuned } = await tunedSettingsOf(options);
    if (tuned.length > 0) tell(`Tuned on the shop's own data: ${tuned.join(", ")}\n`);
    await nightly(settings, forceOf(options));
  });
}

const EXAMPLES = `
Examples:
  steamer nightly --shop mine --events events.csv
  steamer nightly --events 'export/events_*.parquet' --last-day 2026-11-21
  steamer nightly --events orders.csv --map user=CustomerID,item=SKU,time=Date`;

/**
 * Runs a night and shows it.
 * @throws Problem with the stage's reason when it fails; the old model goes on serving.
 */
export async function nightly(settings: Settings, force?: string): Promise<Manifest> {
  refuseCloud(settings);
  if (settings.events.length === 0) throw noEvents();
  const { runNight } = await import("../../adapters/local/drive.ts");
  const progress = showProgress(process.stderr);
  const manifest = await interruptible("Running the night", (signal) =>
    runNight(settings, force, {
      signal,
      versions: { steamer: packageVersion() },
      onRun: ({ run, shop }) => tell(`Night ${run} of ${shop}\n`),
      onStep: (step) => {
        if (step.state === "running") progress.update(step.stage, step.progress, step.message);
        else if (step.state === "done") progress.done(step.stage, summary(step.stage, step.metrics));
        else progress.done(step.stage, "failed");
      },
    }),
  );
  report(manifest, settings);
  return manifest;
}

function refuseCloud({ data }: Settings): void {
  if (!data.startsWith("gs://")) return;
  const next = "start its night there: steamer start; or name a folder of this machine with --data";
  throw new Problem({ doing: "Starting a night", why: `${data} is on Google Cloud`, next });
}

function noEvents(): Problem {
  const next =
    "name event files: --events <path...> (CSV, NDJSON or Parquet; folders and globs too), or try the demo: npm start";
  return new Problem({ doing: "Starting a night", why: "no events are named", next });
}

/** One line for each finished stage. */
function summary(stage: StageName, metrics: Record<string, unknown>): string {
  if (stage === "export") {
    const { interactions, days, rows, reviews } = metrics as unknown as ExportMetrics;
    const reviewed = reviews ? `, and ${count(reviews.rows)} reviews` : "";
    return `${count(interactions)} interactions of ${days.length} days, from ${count(rows)} rows${reviewed}`;
  }
  if (stage === "similarity") {
    const { items, users, scenarios } = metrics as unknown as SimilarityMetrics;
    const { pairs, neighbours, entries, kept, recallAtTop } = scenarios[MAIN_TABLE];
    const sampled =
      recallAtTop === undefined
        ? ""
        : `; DIMSUM kept ${((100 * kept) / entries).toFixed(1)} % of the entries, recall ${recallAtTop.toFixed(3)}`;
    return `${count(neighbours)} neighbours of ${count(items)} items, ${count(users)} users, ${count(pairs)} pairs${sampled}${mended(Object.values(scenarios))}`;
  }
  if (stage === "load") {
    const { snapshot, items, ahead, catalogue } = metrics as unknown as LoadMetrics;
    const lists = ahead ? `; lists of ${count(ahead.users)} users ahead, in ${ahead.seconds} s` : "";
    const known = catalogue
      ? `; ${count(catalogue.matched)} are in the catalogue of ${count(catalogue.items)}`
      : "";
    return `a snapshot of ${count(items)} items, ${(snapshot.bytes / 1e6).toFixed(1)} MB${known}${lists}`;
  }
  const { publication, gate } = metrics as unknown as PublishResult;
  const overlap =
    gate.overlap === null ? "" : `, ${(gate.overlap * 100).toFixed(0)} % of top lists as before`;
  return `${publication}; ${(gate.coverage * 100).toFixed(1)} % of items have neighbours${overlap}`;
}

/** The items that `ridge` could not solve as they were; most nights there are none. */
function mended(tables: ScenarioMetrics[]): string {
  const sum = (name: "indefinite" | "floored") => tables.reduce((sum, table) => sum + (table[name] ?? 0), 0);
  const [indefinite, floored] = [sum("indefinite"), sum("floored")];
  if (indefinite + floored === 0) return "";
  return `; ridge: ${count(indefinite)} items without a solution, ${count(floored)} with the least precision`;
}

function report(manifest: Manifest, settings: Settings): void {
  const { stages, warnings, run, state } = manifest;
  const exported = stages.export.metrics as unknown as ExportMetrics | undefined;
  for (const line of exported?.reading ?? []) tell(`  Read ${line}\n`);
  if (exported) tell(rejectReport(exported, settings.data));
  const hindsight = hindsightOf(manifest);
  if (hindsight) tell(`  ${hindsightText(hindsight)}\n`);
  for (const warning of warnings) tell(`  Note: ${warning}\n`);
  if (state === "done") {
    tell(`Night ${run} of ${settings.shop} is done, in ${duration(workingTime(manifest))}.\n`);
    return;
  }
  const failed = STAGES.find((stage) => stages[stage].state === "failed");
  throw failure(run, settings.shop, failed, failed && stages[failed].reason);
}

/** The stage's reason ends with its own next step. A cancelled stage needs none. */
function failure(
  run: string,
  shop: string,
  stage: StageName | undefined,
  reason = "it was cancelled",
): Problem {
  const [why, next = "run the night again: finished stages are kept"] = reason.split("\n  Next: ");
  return new Problem({ doing: `Night ${run} of ${shop}${stage ? `, ${stage}` : ""}`, why, next });
}

/**
 * The sum of the stages' durations. The pause of a run that died and was finished later does not
 * count.
 */
function workingTime({ stages }: Manifest): number {
  const took = ({ startedAt, finishedAt }: StageRecord) => Date.parse(finishedAt!) - Date.parse(startedAt!);
  return STAGES.reduce((sum, stage) => sum + took(stages[stage]), 0);
}

function outsideReport({ before, after, unread, days }: Outside): string[] {
  const hint = days === undefined ? "" : ` (--days ${days} reads them)`;
  const lines: [number, string][] = [
    [before, `rows of earlier days${hint}`],
    [after, "rows of later days"],
    [unread, `daily files of other days${hint}`],
  ];
  return lines.filter(([n]) => n > 0).map(([n, what]) => `  Left out: ${count(n)} ${what}\n`);
}

function rejectReport(
  { rejected = {}, rejectsFile, otherEvents = 0, outside }: ExportMetrics,
  data: string,
): string {
  const reasons = Object.entries(rejected) as [RejectReason, number][];
  const lines = reasons.map(
    ([reason, rows]) => `  Left out: ${count(rows)} rows: ${REJECT_REASONS[reason].means}\n`,
  );
  if (otherEvents > 0) lines.push(`  Left out: ${count(otherEvents)} events of other kinds\n`);
  if (outside) lines.push(...outsideReport(outside));
  if (rejectsFile) lines.push(`  Kept aside in ${join(data, rejectsFile)}\n`);
  return lines.join("");
}
