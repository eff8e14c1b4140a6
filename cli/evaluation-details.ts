import type { Details } from "../adapters/local/evaluate/details.ts";
import { TAIL_USERS, type Part } from "../core/evaluation/parts.ts";
import { count, table } from "./table.ts";

/** Three tables: by length of history, by popularity of the target, and what lists are like. */
export function detailsAsText({ of, byLength, byTarget, lists }: Details): string {
  return [
    partsTable(`${of}: items in the history`, byLength),
    "",
    partsTable(`${of}: popularity of the target`, byTarget),
    `head: the items with half of all users' items; tail: those of fewer than ${TAIL_USERS} users`,
    "",
    table(
      ["the first ten", "novelty@10", "±", "diversity@10", "±"],
      lists.map(({ name, novelty10, diversity10 }) => [
        name,
        ...[novelty10, diversity10].flatMap(({ mean, standardError }) => [
          figure(mean),
          figure(standardError),
        ]),
      ]),
    ),
  ].join("\n");
}

function partsTable(heading: string, parts: Part[]): string {
  const rows = parts.map(({ name, users, targets, recall10, ndcg10 }) => [
    ...[name, count(users), count(targets)],
    ...[recall10, ndcg10.mean, ndcg10.standardError].map(figure),
  ]);
  return table([heading, "users", "targets", "recall@10", "NDCG@10", "±"], rows);
}

/** A mean of nothing is shown as nothing. */
const figure = (value: number) => (Number.isNaN(value) ? "" : value.toFixed(5));
