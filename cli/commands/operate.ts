import type { Command } from "commander";
import { STAGES } from "../../contracts/manifest.ts";
import { Problem } from "../../contracts/problem.ts";
import { askRuns, type RunsAction } from "../ask-runs.ts";
import { forceOf, withForce, type ForceOptions } from "../force.ts";
import { settingsOf, withSettings } from "../options.ts";
import { print } from "../print.ts";

/** An operator's actions on nights on Google Cloud. */
export function addOperate(program: Command): void {
  const command = (name: string, description: string) =>
    withSettings(program.command(name).description(`${description} (Google Cloud)`), "shop", "cloud");

  command("start", "start tonight's run now, if it is not running or done").action(async (options) => {
    const { message } = await askRuns(settingsOf(options), { action: "start" });
    print(String(message));
  });
  command("cancel", "cancel a run: its job is stopped, the old model goes on serving")
    .argument("[run]", "the run (default: the latest)")
    .option("--reason <text>", "why; kept in the manifest", "cancelled by hand")
    .action((run, options) => ask(options, { action: "cancel", ...named(run), reason: options.reason }));
  const rerun = command("rerun", "run a run's stages again from one on")
    .argument("[run]", "the run (default: the latest)")
    .requiredOption("--from <stage>", `the first stage to run again: ${STAGES.join(", ")}`);
  withForce(rerun).action((run, options) =>
    ask(options, { action: "rerun", ...named(run), from: options.from, ...forced(options) }),
  );
  command("backfill", "export days again whose tables were repaired, in a new run")
    .argument("[days...]", "days, as 2026-11-21")
    .option("--last <n>", "the last so many days of the window")
    .action((days, options) => ask(options, { action: "backfill", ...daysOf(days, options.last) }));
}

const named = (run: string | undefined) => (run === undefined ? {} : { run });

async function ask(options: Record<string, unknown>, request: RunsAction): Promise<void> {
  const settings = settingsOf(options);
  const { run } = await askRuns(settings, request);
  print(`${request.action} of ${String(run)} is on its way: steamer runs --shop ${settings.shop}`);
}

function forced(options: ForceOptions): { force?: string } {
  const force = forceOf(options);
  return force === undefined ? {} : { force };
}

function daysOf(days: string[], last: string | undefined): { days: string[] } | { last: number } {
  if (last === undefined && days.length > 0) return { days };
  if (days.length === 0 && /^[1-9]\d{0,3}$/.test(last ?? "")) return { last: Number(last) };
  const next = "name days, as 2026-11-21, or --last <n>";
  throw new Problem({ doing: "Reading the days", why: "it is not clear which days are meant", next });
}
