import type { Command } from "commander";
import { fileObjects } from "../../adapters/local/files.ts";
import { STAGES, type Manifest, type Pointer } from "../../contracts/manifest.ts";
import { LoadMetrics } from "../../contracts/metrics.ts";
import type { Settings } from "../../contracts/settings.ts";
import { listModels, readPointer, release, rollback } from "../../night/pointer.ts";
import { listRuns, takenOver } from "../../night/run.ts";
import { metricsOf } from "../../night/stage.ts";
import { settingsOf, withSettings } from "../options.ts";
import { count, duration, table } from "../table.ts";

export function addModels(program: Command): void {
  const command = (name: string, description: string) =>
    withSettings(program.command(name).description(description), "shop");

  command("models", "list the models that are kept").action(async (options) => {
    console.log(await modelsTable(settingsOf(options)));
  });
  command("runs", "list the nights: stages, durations, rows").action(async (options) => {
    console.log(await runsTable(settingsOf(options)));
  });
  command("rollback", "take customers back to the previous model, and hold later nights back")
    .argument("[model]", "the model to go back to (default: the previous one)")
    .option("--reason <text>", "why; kept in the pointer", "rolled back by hand")
    .action(async (model, options) => {
      const settings = settingsOf(options);
      const objects = fileObjects(settings.data);
      const target = model ? { model } : {};
      const pointer = await rollback(objects, {
        shop: settings.shop,
        ...target,
        reason: options.reason,
        now: new Date(),
      }).catch((error) => {
        throw takenOver(error, settings.shop);
      });
      console.log(`${settings.shop} serves ${pointer.model} again (before: ${pointer.previous}).`);
      console.log(
        `Later nights build their models but do not publish them, until: steamer release --shop ${settings.shop}`,
      );
    });
  command("release", "end the hold that a rollback set").action(async (options) => {
    const settings = settingsOf(options);
    await release(fileObjects(settings.data), settings.shop).catch((error) => {
      throw takenOver(error, settings.shop);
    });
    console.log(`${settings.shop} has no hold (any more): the next night publishes its model.`);
  });
}

async function modelsTable({ data, shop }: Settings): Promise<string> {
  const objects = fileObjects(data);
  const pointer = (await readPointer(objects, shop))?.value;
  const runs = new Map((await listRuns(objects, shop)).map(({ value }) => [value.run, value]));
  const models = await listModels(objects, shop);
  if (models.length === 0)
    return `${shop} has no models yet: run \`steamer nightly --shop ${shop} --events <files>\`.`;
  const rows = models.reverse().map((model) => {
    const { items, snapshot } = metricsOf(runs.get(model)!, "load", LoadMetrics);
    return [model, status(model, pointer), count(items), (snapshot.bytes / 1e6).toFixed(1)];
  });
  const hold = pointer?.hold
    ? `\nHeld since ${pointer.hold.since}: ${pointer.hold.reason}. \`steamer release --shop ${shop}\` ends it.`
    : "";
  return table(["model", "status", "items", "MB"], rows) + hold;
}

function status(model: string, pointer: Pointer | undefined): string {
  if (model === pointer?.model) return "current";
  return model === pointer?.previous ? "previous" : "";
}

async function runsTable({ data, shop }: Settings): Promise<string> {
  const runs = await listRuns(fileObjects(data), shop);
  if (runs.length === 0)
    return `${shop} has no runs yet: run \`steamer nightly --shop ${shop} --events <files>\`.`;
  const rows = runs
    .reverse()
    .map(({ value }) => [
      value.run,
      state(value),
      value.startedAt.slice(0, 19).replace("T", " "),
      ...STAGES.map((stage) => stageCell(value, stage)),
      count(Number(value.stages.export.metrics?.["rows"] ?? 0)),
    ]);
  return (
    table(["run", "state", "started (UTC)", ...STAGES, "rows"], rows) +
    reasons(runs.map(({ value }) => value))
  );
}

function state({ state, lease }: Manifest): string {
  return state === "running" && Date.parse(lease.expiresAt) < Date.now() ? "died" : state;
}

function stageCell({ stages }: Manifest, stage: (typeof STAGES)[number]): string {
  const { state, startedAt, finishedAt, progress = 0 } = stages[stage];
  if (state === "done" && startedAt && finishedAt)
    return duration(Date.parse(finishedAt) - Date.parse(startedAt));
  return state === "running" ? `${Math.round(progress * 100)} %` : state === "pending" ? "-" : state;
}

function reasons(runs: Manifest[]): string {
  const failed = runs.flatMap(({ run, stages }) =>
    STAGES.filter((stage) => stages[stage].reason).map(
      (stage) => `\n${run} ${stage}: ${stages[stage].reason}`,
    ),
  );
  return failed.length > 0 ? `\n${failed.join("")}` : "";
}
