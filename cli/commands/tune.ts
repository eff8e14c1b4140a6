import { join } from "node:path";
import { InvalidArgumentError, Option, type Command } from "commander";
import { openObjects } from "../../adapters/storage/choose.ts";
import { paths } from "../../contracts/layout.ts";
import { Problem } from "../../contracts/problem.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { TABLE_NAMES, type TableName } from "../../contracts/tables.ts";
import { SEARCHES, type Search } from "../../core/tuning/table-search.ts";
import type { TunedTable, TuneResult } from "../../adapters/local/tune/tune.ts";
import { applyTuned, discardTuned } from "../../night/state/tuned.ts";
import type { Objects } from "../../night/state/objects.ts";
import { interruptible } from "../interruptible.ts";
import { settingsOf, tunedSettingsOf, withSettings } from "../options.ts";
import { showProgress } from "../progress.ts";
import { duration } from "../table.ts";
import { tuningAsText } from "../tuning/text.ts";
import { tuningPage } from "../tuning/page.ts";
import { print } from "../print.ts";

interface Options {
  trials: number;
  table?: TableName;
  only?: Search;
  apply?: true;
  discard?: true;
}

export function addTune(program: Command): void {
  const command = program
    .command("tune")
    .description("search for the settings that fit a shop's own events best")
    .argument("[shop]", "the shop; the same as --shop")
    .option(
      "--trials <number>",
      "settings to try for each table, those of earlier times included",
      trials,
      60,
    )
    .addOption(new Option("--table <table>", "search for one table only").choices(TABLE_NAMES))
    .addOption(
      new Option(
        "--only <what>",
        "search among its method and knobs only, or among a query's weights",
      ).choices(SEARCHES),
    )
    .option("--apply", "let the next nights use what is clearly better")
    .option("--discard", "let nights forget what was applied")
    .addHelpText("after", EXAMPLES);
  withSettings(command, "events", "similarity", "query", "shop").action((shop: string | undefined, options) =>
    run({ ...options, ...(shop ? { shop } : {}) }),
  );
}

const EXAMPLES = `
Examples:
  steamer tune mine                              # by the days that its latest night has read
  steamer tune mine --events 'events/*.csv'      # by all of its events
  steamer tune mine --trials 120 --apply         # goes on where 60 trials have ended`;

function trials(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It is a whole number from 1 to 99999.");
}

async function run(options: Record<string, unknown> & Options): Promise<void> {
  const { settings, given } = await chosen(options);
  const objects = await openObjects(settings);
  const { shop } = settings;
  if (options.discard) {
    await discardTuned(objects, shop);
    print(`Nights of ${shop} go by the defaults again, where you say nothing else.`);
    return;
  }
  const tables = options.table ? [options.table] : TABLE_NAMES;
  const { trials, only } = options;
  const result = await search({ settings, objects, given, tables, trials, only });
  await objects.put(paths.tuningReport(shop), tuningPage(settings, result));
  print(tuningAsText(result));
  print(`The report is ${join(settings.data, paths.tuningReport(shop))}.`);
  if (options.apply) await apply(settings, objects, result.tables);
  else if (result.tables.some(({ proposed }) => proposed))
    print("To let the next nights use it: run the same command with --apply.");
}

/** @throws Problem for a shop on Google Cloud. */
async function chosen(options: Record<string, unknown>) {
  const { data, shop } = settingsOf(options);
  if (data.startsWith("gs://")) {
    const next = "name its event files with --events, and a folder of this machine with --data";
    throw new Problem({ doing: `Tuning ${shop}`, why: `${data} is on Google Cloud`, next });
  }
  return tunedSettingsOf(options);
}

async function search(request: {
  settings: Settings;
  objects: Objects;
  given: ReadonlySet<string>;
  tables: readonly TableName[];
  trials: number;
  only: Search | undefined;
}): Promise<TuneResult> {
  const { tune } = await import("../../adapters/local/tune/tune.ts");
  const progress = showProgress(process.stderr);
  const { shop } = request.settings;
  const timer = new Timer();
  const next = `run it again: it goes on from there, with other random numbers`;
  return interruptible(
    `Tuning ${shop}`,
    (signal) =>
      tune(request, {
        signal,
        progress: (fraction, message) => progress.update("reading", fraction, message),
        onRead: (summary) => progress.done("reading", summary),
        onTrial(table, tried, best) {
          const left = timer.left(table, tried.length, request.trials);
          const state = `trial ${tried.length}, best ${best.value.toFixed(4)}`;
          if (tried.length < request.trials)
            progress.update(table, tried.length / request.trials, `${state}, ${duration(left)} left`);
          else progress.done(table, `${tried.length} trials, best ${best.value.toFixed(4)} in validation`);
        },
      }),
    { why: "it was cancelled; what was tried is kept", next },
  );
}

/** Estimates how long the rest of a table's trials will take. */
class Timer {
  #table = "";
  #from = { at: 0, trials: 0 };

  /** Milliseconds. */
  left(table: string, tried: number, wanted: number): number {
    const now = Date.now();
    if (table !== this.#table) [this.#table, this.#from] = [table, { at: now, trials: tried }];
    const { at, trials } = this.#from;
    return tried === trials ? 0 : ((now - at) / (tried - trials)) * (wanted - tried);
  }
}

async function apply(settings: Settings, objects: Objects, tables: readonly TunedTable[]): Promise<void> {
  const { shop } = settings;
  for (const { table, proposed, gain } of tables) {
    if (!proposed) continue;
    const found = { appliedAt: new Date().toISOString(), gain: gain.mean, standardError: gain.standardError };
    await applyTuned(objects, shop, { table, settings: proposed, ...found });
    print(`The next nights of ${shop} make ${table} with it, where your own settings say nothing else.`);
  }
  if (tables.every(({ proposed }) => !proposed)) print("There is nothing to apply.");
}
