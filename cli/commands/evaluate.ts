import { isDeepStrictEqual } from "node:util";
import { Option, type Command } from "commander";
import type { Ties } from "../../adapters/local/evaluate/codes.ts";
import type { Holdout } from "../../adapters/local/evaluate/split.ts";
import { Problem } from "../../contracts/problem.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { knobsOf } from "../../contracts/settings/similarity.ts";
import { MAIN_TABLE, TABLE_NAMES, TABLES, type TableName } from "../../contracts/tables.ts";
import { settingsAgainst } from "../against.ts";
import { interruptible } from "../interruptible.ts";
import { settingsOf, withSettings, withSome } from "../options.ts";
import { evaluationAsJson, evaluationAsText, splitsAsJson, splitsAsText } from "../evaluation-text.ts";
import { showProgress } from "../progress.ts";
import { count } from "../table.ts";
import { print } from "../print.ts";

export function addEvaluate(program: Command): void {
  const command = program
    .command("evaluate")
    .description(
      "measure recommendations on what customers did next: ours, the 2018 article's, and most popular",
    )
    .option("--test <file>", "what they did next: a CSV file with the columns user,item")
    .option(
      "--holdout <what>",
      "hold out of the events: last-purchase, all that a user bought in their last order; or days=<n>, the purchases of the last n days; or both: the last 7 days (or 14, 28) first, then last orders (default: both; last-purchase with --json and --export-ranks)",
    )
    .addOption(
      new Option("--scenario <table>", "the table whose neighbours are measured")
        .choices(TABLE_NAMES)
        .default(MAIN_TABLE),
    )
    .addOption(
      new Option(
        "--ties <what>",
        "which of equally good items comes first: hash, by a hash that knows no names; or ids, as the recommender does",
      )
        .choices(["hash", "ids"])
        .default("hash"),
    )
    .option(
      "--against <settings>",
      "measure neighbours by other settings too, and the difference: similar.method=cosine,halfLife=0",
    )
    .option(
      "--details",
      "show whom neighbours serve: by length of history, by popularity; and how novel and diverse lists are",
    )
    .option(
      "--export-ranks <folder>",
      "write training.csv, test.csv and ranks.csv, to compare with other tools (docs/QUALITY.md)",
    )
    .option(
      "--reviews [file]",
      "measure with reviews too: those of the shop, or a CSV file with the columns user,item,stars,sentiment",
    )
    .option("--json", "print JSON");
  withSome(command, "Reviews", "shop", "data", "reviews.weight", "reviews.penalty", "reviews.contradiction");
  withSettings(command, "events", "similarity", "als", "query").action(async (options) => {
    const settings = settingsOf(options);
    const { evaluateBoth, evaluateEvents } = await import("../../adapters/local/evaluate/evaluate-events.ts");
    const progress = showProgress(process.stderr);
    // All days, unless a window is given: a test wants the full history.
    const days = options.days === undefined ? "all" : settings.days;
    const { scenario, ties, against, details, reviews, exportRanks } = options as {
      scenario: TableName;
      ties: Ties;
      against?: string;
      details?: boolean;
      reviews?: string | true;
      exportRanks?: string;
    };
    const asked = {
      ...(against !== undefined && { against: againstOf(against, options, scenario) }),
      ...(details && { details }),
      ...(reviews && { reviews }),
      ...(exportRanks && { exportRanks }),
    };
    const request = { settings, days, scenario, ties, ...asked } as const;
    const update = (fraction: number, message: string) => progress.update("evaluate", fraction, message);
    if (isBoth(options)) {
      const splits = await interruptible("Evaluating", (signal) =>
        evaluateBoth(request, { signal, progress: update }),
      );
      progress.done(
        "evaluate",
        splits.map(({ evaluation }) => `${count(evaluation.users)} users`).join(", "),
      );
      print(options.json ? splitsAsJson(splits) : splitsAsText(splits, days, settings.days));
      return;
    }
    const holdout = holdoutOf(options);
    const result = await interruptible("Evaluating", (signal) =>
      evaluateEvents({ ...request, holdout }, { signal, progress: update }),
    );
    progress.done("evaluate", `${count(result.users)} users, ${count(result.items)} items`);
    print(options.json ? evaluationAsJson(result) : evaluationAsText(result, days, settings.days));
  });
}

/** @throws Problem where the other settings recommend the same, as those of one table win. */
function againstOf(text: string, options: Record<string, unknown>, scenario: TableName) {
  const settings = settingsOf({ ...options, ...settingsAgainst(text) });
  const bearing = (all: Settings) => [
    knobsOf(all, scenario),
    all[TABLES[scenario].queryWeights],
    all.halfLife,
  ];
  if (!isDeepStrictEqual(bearing(settings), bearing(settingsOf(options)))) return { name: text, settings };
  throw new Problem({
    doing: "Reading --against",
    why: `with ${text} the table ${scenario} recommends the same`,
    next: `name another value, or set it for the table itself: ${scenario}.<setting>=<value>`,
  });
}

/** What programs read, JSON and ranks, is of one split unless they ask for both. */
function isBoth({ test, holdout, exportRanks, json }: Record<string, unknown>): boolean {
  if (test || (holdout ?? "both") !== "both") return false;
  if (holdout === undefined) return !json && !exportRanks;
  if (!exportRanks) return true;
  throw new Problem({
    doing: "Reading --holdout",
    why: "--export-ranks writes one test, and both are two",
    next: "choose last-purchase or days=<n>",
  });
}

function holdoutOf({ test, holdout }: { test?: string; holdout?: string }): Holdout {
  if (test && !holdout) return { kind: "file", file: test };
  if (!test && (holdout ?? "last-purchase") === "last-purchase") return { kind: "last-purchase" };
  const days = /^days=(\d{1,4})$/.exec(holdout ?? "")?.[1];
  if (!test && Number(days) > 0) return { kind: "days", days: Number(days) };
  const why = test ? "--test and --holdout exclude each other" : `${JSON.stringify(holdout)} is unknown`;
  throw new Problem({
    doing: "Reading --holdout",
    why,
    next: "choose last-purchase, days=<n> or both, or name a --test file",
  });
}
