import { MAIN_TABLE, perTable, type TableName } from "../../contracts/tables.ts";
import type { RankedModel, AnswerOptions, Query } from "../ranking/ranker.ts";
import { createRanker } from "../ranking/ranker.ts";
import type { AskedUser } from "./hindsight.ts";
import { evaluate, type Measured } from "./quality.ts";

/** The quality of answers, and the share of them that are popular items from first to last. */
export type MeasuredAnswers = Measured & { popular: number };

/** The answers of each table, and the model's most popular items as answers to the same users. */
export interface ModelAnswers {
  tables: Record<TableName, MeasuredAnswers>;
  mostPopular(): MeasuredAnswers;
}

/**
 * Asks a model for each user as the recommender is asked, popular items included. Which items are
 * taken down or sold out since the model's night does not count.
 */
export function measureAnswers(
  model: RankedModel,
  asked: readonly AskedUser[],
  options: AnswerOptions,
): ModelAnswers {
  const rank = createRanker(model, options, 0);
  const users = asked.map(({ request, targets }) => ({ request, targets: model.findAll(targets) }));
  const measured = (scenario: TableName, queryOf: (request: AskedUser["request"]) => Partial<Query>) => {
    let popular = 0;
    const found = evaluate(users, model.items, ({ request }) => {
      const { results } = rank([{ ...request, ...queryOf(request), n: 10, scenario }])[0];
      // Results of the model come before popular ones.
      if (results[0]?.source !== "model") popular++;
      return results.map(({ row, score }) => ({ item: row, score }));
    });
    return { ...found, popular: popular / (users.length || 1) };
  };
  return {
    tables: perTable((table) => measured(table, () => ({}))),
    mostPopular: () => measured(MAIN_TABLE, withoutHistory),
  };
}

const withoutHistory = ({ browsed, basket, purchased }: AskedUser["request"]) => ({
  browsed: [],
  basket: [],
  purchased: [],
  exclude: [...browsed, ...basket, ...purchased],
});
