import type { Answer, Result } from "../../contracts/http/recommendation.ts";
import {
  createRanker,
  type AnswerOptions,
  type Changes,
  type Query,
  type RankedModel,
  type Ranking,
} from "./ranker.ts";
import type { RowIds } from "../model/row-ids.ts";
import type { Explained } from "./reasons.ts";

export type { Answer, AnswerOptions, Query };

/** The parts of a model that the recommender needs. */
export type RecommenderModel = RankedModel & RowIds;

/** Answers queries from one model, one by one. */
export function createRecommender(model: RecommenderModel, name: string, options: AnswerOptions) {
  const rank = createRanker(model, options);
  return (query: Query, changes?: Changes): Answer =>
    namedAnswer(rank([query], changes)[0], name, model.idOf);
}

/** Turns a ranking into an answer: rows become ids. */
export function namedAnswer(
  { results, missingIds, unknownAvailability }: Ranking,
  model: string,
  idOf: RowIds["idOf"],
): Answer {
  const named = results.map(({ row, score, source, why }): Result => ({
    item: idOf(row),
    score: source === "model" ? score / 1e6 : score,
    source,
    because: becauseOf(why, idOf),
  }));
  const answer = { results: named, model, missingIds };
  return unknownAvailability === undefined ? answer : { ...answer, unknownAvailability };
}

function becauseOf(why: Explained, idOf: RowIds["idOf"]): Result["because"] {
  const because: Result["because"] = [];
  for (let part = why.largest; part !== null; part = part.next) {
    const share = tenThousandths(part.value, why) / 1e4;
    because.push({ item: idOf(part.from.row), event: part.from.event, share });
  }
  return because;
}

/** A contribution's share of the score, in ten-thousandths. */
export const tenThousandths = (value: number, { total }: Pick<Explained, "total">) =>
  Math.round((value / total) * 1e4);
