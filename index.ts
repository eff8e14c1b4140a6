/** Steamer as a library: neighbours, recommendations and their quality, for rows held in memory. */
export { neighbours, recommend, evaluate, type ItemModel, type Options, type Row } from "./core/library.ts";
export { createRecommender } from "./core/ranking/answer.ts";
export type { Answer, AnswerOptions, Query } from "./core/ranking/answer.ts";
export type { Quality } from "./core/evaluation/quality.ts";
export { Problem } from "./contracts/problem.ts";
