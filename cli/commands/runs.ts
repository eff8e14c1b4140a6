import type { Command } from "commander";
import { openObjects } from "../../adapters/storage/choose.ts";
import { STAGES, type Manifest } from "../../contracts/manifest.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { readRuns, stateOf } from "../../night/run/run.ts";
import { headlineOf, hindsightOf } from "../../night/state/hindsight.ts";
import { estimatedCost } from "../cost/night-cost.ts";
import { settingsOf, withSettings } from "../options.ts";
import { clickText, ndcgText } from "../hindsight-text.ts";
import { count, duration, table } from "../table.ts";
import { print } from "../print.ts";

/** `steamer runs`: the results, costs and failures of the nights. */
export function addRuns(program: Command): void {
  const command = program.command("runs").description("list the nights: stages, durations, rows, cost");
  withSettings(command, "shop", "cloud").action(async (options) => {
    print(await runsTable(settingsOf(options)));
  });
}

async function runsTable(settings: Settings): Promise<string> {
  const { shop } = settings;
  const { manifests: runs, damaged } = await readRuns(await openObjects(settings), shop);
  if (runs.length + damaged.length === 0)
    return `${shop} has no runs yet: run \`steamer nightly --shop ${shop} --events <files>\`.`;
  const rows = runs
    .reverse()
    .map(({ value }) => [
      value.run,
      stateOf(value, new Date()),
      value.startedAt.slice(0, 19).replace("T", " "),
      ...STAGES.map((stage) => stageCell(value, stage)),
      count(Number(value.stages.export.metrics?.["rows"] ?? 0)),
      hindsightCell(value),
      ...paidFor(value, settings),
    ]);
  const paid = settings.data.startsWith("gs://") ? ["GB billed", "about USD"] : [];
  return (
    table(["run", "state", "started (UTC)", ...STAGES, "rows", "hindsight", ...paid], rows) +
    damaged.map(({ run, problem }) => `\n${run}: it cannot be shown. ${problem.message}`).join("") +
    notes(runs.map(({ value }) => value).reverse())
  );
}

/** Of nights on Google Cloud: BigQuery's bill, and the whole night by today's list prices. */
function paidFor(run: Manifest, settings: Settings): string[] {
  if (!settings.data.startsWith("gs://")) return [];
  const billed = (["export", "similarity"] as const).map((stage) =>
    Number(run.stages[stage].metrics?.["bytesBilled"] ?? 0),
  );
  const cost = estimatedCost(run, settings);
  return [((billed[0] + billed[1]) / 1e9).toFixed(2), cost === null ? "" : cost.toFixed(2)];
}

function stageCell({ stages }: Manifest, stage: (typeof STAGES)[number]): string {
  const { state, startedAt, finishedAt, progress = 0 } = stages[stage];
  if (state === "done" && startedAt && finishedAt)
    return duration(Date.parse(finishedAt) - Date.parse(startedAt));
  return state === "running" ? `${Math.round(progress * 100)} %` : state === "pending" ? "-" : state;
}

/** Of the model that served on the last day: NDCG@10, and click-through where it is known. */
function hindsightCell(run: Manifest): string {
  const found = hindsightOf(run);
  if (!found) return "";
  const { main, clickThrough } = headlineOf(found);
  return ndcgText(main) + (clickThrough === undefined ? "" : `, clicks ${clickText(clickThrough)}`);
}

/** Failures and warnings of the nights, the latest last. */
function notes(runs: Manifest[]): string {
  const lines = runs.flatMap(({ run, stages, warnings }) => [
    ...warnings.map((warning) => `\n${run}: ${warning}`),
    ...STAGES.filter((stage) => stages[stage].reason).map(
      (stage) => `\n${run} ${stage}: ${stages[stage].reason}`,
    ),
  ]);
  return lines.length > 0 ? `\n${lines.join("")}` : "";
}
