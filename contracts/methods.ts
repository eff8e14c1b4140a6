/**
 * The methods of computing a table, each with the defaults of knobs that mean other things in
 * another method. Each has a maker in core/tables/, in spark-jobs/ and in BigQuery's queries.
 *
 * - `cosine`: two items are alike when the same users have them.
 * - `order`: when they stand near each other in users' histories, in the order of time.
 * - `ridge`: when one tells of the other what the others beside it do not: `order`, solved by ridge
 *   regressions.
 */
export const METHODS = {
  cosine: { cap: 500, shrinkage: 5, alpha: 0.5 },
  order: { cap: 0, shrinkage: 10, alpha: 0.7 },
  ridge: { cap: 0, shrinkage: 15, alpha: 0.8 },
} as const;

export type Method = keyof typeof METHODS;
export const METHOD_NAMES = Object.keys(METHODS) as [Method, ...Method[]];

/** Whether a method goes by the order of histories: it needs the times of events. */
export const isOrdered = (method: Method): boolean => method !== "cosine";
