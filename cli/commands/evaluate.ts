import type { Command } from "commander";
import type { Evaluation, Holdout } from "../../adapters/local/evaluate-events.ts";
import { Problem } from "../../contracts/problem.ts";
import { interruptible } from "../interruptible.ts";
import { settingsOf, withSettings, withSome } from "../options.ts";
import { showProgress } from "../progress.ts";
import { count, table } from "../table.ts";

export function addEvaluate(program: Command): void {
  const command = program
    .command("evaluate")
    .description(
      "measure recommendations on what customers did next: ours, the 2018 article's, and most popular",
    )
    .option("--test <file>", "what they did next: a CSV file with the columns user,item")
    .option(
      "--holdout <what>",
      "hold out of the events: last-purchase, or days=<n> for the purchases of the last n days",
    )
    .option(
      "--reviews <file>",
      "measure with reviews too: a CSV file with the columns user,item,stars,sentiment",
    )
    .option("--json", "print JSON");
  withSome(command, "Reviews", "reviews.weight", "reviews.penalty", "reviews.contradiction");
  withSettings(command, "events", "similarity", "als", "query").action(async (options) => {
    const settings = settingsOf(options);
    const { evaluateEvents } = await import("../../adapters/local/evaluate-events.ts");
    const progress = showProgress(process.stderr);
    // All days, unless a window is given: a test wants the full history.
    const days = options.days === undefined ? "all" : settings.days;
    const request = { settings, days, holdout: holdoutOf(options), reviews: options.reviews } as const;
    const result = await interruptible("Evaluating", (signal) =>
      evaluateEvents(request, {
        signal,
        progress: (fraction, message) => progress.update("evaluate", fraction, message),
      }),
    );
    progress.done("evaluate", `${count(result.users)} users, ${count(result.items)} items`);
    console.log(options.json ? asJson(result) : asTable(result));
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
    next: "choose last-purchase or days=<n>, or name a --test file",
  });
}

/** Without the numbers of each user. */
const asJson = (result: Evaluation) =>
  JSON.stringify({ ...result, results: result.results.map(({ each: _, ...rest }) => rest) }, null, 2);

function asTable({ users, items, interactions, results }: Evaluation): string {
  const rows = results.map(({ name, quality }) => {
    const { recall10, recall20, ndcg10, mrr10, coverage10 } = quality;
    return [name, ...[recall10, recall20, ndcg10, mrr10, coverage10].map((value) => value.toFixed(5))];
  });
  const scope = `${count(users)} users tested on ${count(items)} items, trained on ${count(interactions)} interactions`;
  const gains = results.flatMap(({ name, gain }) =>
    gain
      ? [
          `${name}: NDCG@10 ${gain.mean < 0 ? "" : "+"}${gain.mean.toFixed(5)}, standard error ${gain.standardError.toFixed(5)}`,
        ]
      : [],
  );
  return `${table(["", "recall@10", "recall@20", "NDCG@10", "MRR@10", "coverage@10"], rows)}\n${[scope, ...gains].join("\n")}`;
}
