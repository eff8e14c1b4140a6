import type { Figures, Hindsight } from "../contracts/hindsight.ts";

/** What a night may have found of the model that served on a day. */
export function someHindsight(day: string, ndcg10: number, model = `${day}.0`): Hindsight {
  const figures: Figures = { recall10: 0.5, ndcg10, standardError: 0.02, coverage10: 0.4, popular: 0.1 };
  const test = {
    ...{ users: 120, unknownUsers: 4, hadBefore: 9 },
    tables: { similar: figures, together: { ...figures, ndcg10: ndcg10 / 2 } },
    mostPopular: { ...figures, ndcg10: 0.05, popular: 1 },
  };
  const gain = { mean: 0.01, standardError: 0.01 };
  return {
    day,
    model,
    deeds: { purchase: test },
    next: { similar: gain, together: gain },
    clicks: { impressions: 1000, clicks: 31 },
  };
}
