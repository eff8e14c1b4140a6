import type { Command } from "commander";
import { openObjects } from "../../adapters/storage/choose.ts";
import type { Pointer } from "../../contracts/manifest.ts";
import { LoadMetrics } from "../../contracts/metrics.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { listModels, readPointer, release, rollback } from "../../night/state/pointer.ts";
import { listRuns, takenOver } from "../../night/run/run.ts";
import { metricsOf } from "../../night/run/stage.ts";
import { settingsOf, withSettings } from "../options.ts";
import { count, table } from "../table.ts";
import { print } from "../print.ts";

export function addModels(program: Command): void {
  const command = (name: string, description: string) =>
    withSettings(program.command(name).description(description), "shop");

  command("models", "list the models that are kept").action(async (options) => {
    print(await modelsTable(settingsOf(options)));
  });
  command("rollback", "take customers back to the previous model, and hold later nights back")
    .argument("[model]", "the model to go back to (default: the previous one)")
    .option("--reason <text>", "why; kept in the pointer", "rolled back by hand")
    .action(async (model, options) => {
      const settings = settingsOf(options);
      const objects = await openObjects(settings);
      const target = model ? { model } : {};
      const pointer = await rollback(objects, {
        shop: settings.shop,
        ...target,
        reason: options.reason,
        now: new Date(),
      }).catch((error) => {
        throw takenOver(error, settings.shop);
      });
      print(`${settings.shop} serves ${pointer.model} again (before: ${pointer.previous}).`);
      print(
        `Later nights build their models but do not publish them, until: steamer release --shop ${settings.shop}`,
      );
    });
  command("release", "end the hold that a rollback set").action(async (options) => {
    const settings = settingsOf(options);
    await release(await openObjects(settings), settings.shop).catch((error) => {
      throw takenOver(error, settings.shop);
    });
    print(`${settings.shop} has no hold (any more): the next night publishes its model.`);
  });
}

async function modelsTable(settings: Settings): Promise<string> {
  const { shop } = settings;
  const objects = await openObjects(settings);
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
