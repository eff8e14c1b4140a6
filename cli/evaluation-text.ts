import type { EvaluatedSplit } from "../adapters/local/evaluate/evaluate-events.ts";
import type { Evaluation } from "../adapters/local/evaluate/evaluate-split.ts";
import { meanOf } from "../core/evaluation/quality.ts";
import { detailsAsText } from "./evaluation-details.ts";
import { count, signed, table } from "./table.ts";
import { printableJson } from "../contracts/printable.ts";

/** Without the numbers of each user. */
export const evaluationAsJson = (result: Evaluation): string => printableJson(withoutUsers(result), 2);

/** One record for each split, with what it held out. */
export const splitsAsJson = (splits: EvaluatedSplit[]): string =>
  printableJson(
    splits.map(({ holdout, evaluation }) => ({ holdout, ...withoutUsers(evaluation) })),
    2,
  );

function withoutUsers(result: Evaluation) {
  const results = result.results.map(({ each, ...rest }) => {
    return { ...rest, ndcg10StandardError: meanOf(each).standardError };
  });
  return { ...result, results };
}

/** A table of the figures, and what they were measured on. */
export function evaluationAsText(result: Evaluation, days: number | "all", nightly: number): string {
  const rows = result.results.map(({ name, quality, each }) => {
    const { recall10, recall20, ndcg10, mrr10, coverage10 } = quality;
    const figures = [recall10, recall20, ndcg10, meanOf(each).standardError, mrr10, coverage10];
    return [name, ...figures.map((value) => value.toFixed(5))];
  });
  const { users, items, interactions } = result;
  return [
    table(["", "recall@10", "recall@20", "NDCG@10", "±", "MRR@10", "coverage@10"], rows),
    "",
    differences(result),
    "",
    ...(result.details ? [detailsAsText(result.details), ""] : []),
    `${count(users)} users tested on ${count(items)} items, trained on ${count(interactions)} interactions`,
    windowLine(result, days, nightly),
    testLine(result),
    "±: the standard error; a difference of less than twice as much may be chance",
    ...tieLines(result),
  ].join("\n");
}

/** The tables of each split below what it held out, and which one to believe. */
export function splitsAsText(splits: EvaluatedSplit[], days: number | "all", nightly: number): string {
  const headings = splits.map(({ holdout }) =>
    holdout.kind === "days"
      ? `Held out: the last ${holdout.days} days. It tells what the next days bring; where the two disagree, go by it.`
      : "Held out: each user's last order. It knows what others did later, and flatters what looks at time.",
  );
  if (splits.length === 1)
    headings[0] += "\nThere are too few days, or buyers in them, to hold out the last days as well.";
  return splits
    .map(({ evaluation }, k) => `${headings[k]}\n\n${evaluationAsText(evaluation, days, nightly)}`)
    .join("\n\n");
}

function windowLine({ window, training }: Evaluation, days: number | "all", nightly: number): string {
  const read =
    days === "all"
      ? `all days are read, ${window.firstDay} to ${window.lastDay}; a night would read the last ${nightly} (--days ${nightly})`
      : `${days} days are read, ${window.firstDay} to ${window.lastDay}; ${count(window.outsideWindow)} rows are outside of them`;
  return `window: ${read}; trained on ${training.firstDay} to ${training.lastDay}, ${count(training.users)} users`;
}

function testLine({ test }: Evaluation): string {
  const asked = test.rows - test.unknownUsers - test.hadBefore;
  return (
    `test: ${count(test.rows)} rows, ${count(test.canBeHit)} of them can be hit; ` +
    `misses: ${count(asked - test.canBeHit)} with items that training does not know; ` +
    `left out: ${count(test.unknownUsers)} of users that training does not know, ${count(test.hadBefore)} that the user had before`
  );
}

function tieLines({ users, test, results }: Evaluation): string[] {
  const tied = results.filter(({ tied10 }) => tied10 > 0);
  const lists = tied.map(({ name, tied10 }) => `${name} ${((100 * tied10) / users).toFixed(1)} %`).join(", ");
  return [
    ...(test.severalInLastOrder > 0
      ? [
          `ties: ${count(test.severalInLastOrder)} users bought several items in their last order; all are held out`,
        ]
      : []),
    ...(lists ? [`ties: lists whose tenth item is as good as the eleventh: ${lists}`] : []),
  ];
}

/** The second table: rows that were asked for the same users, user by user. */
function differences({ results }: Evaluation): string {
  const rows = results.flatMap(({ name, gain }) =>
    gain ? [[`${name}, over ${gain.over}`, signed(gain.mean, 5), gain.standardError.toFixed(5)]] : [],
  );
  return table(["NDCG@10 of the same users", "difference", "±"], rows);
}
