import type { Answer, Query } from "../../../core/ranking/answer.ts";
import { recommend } from "../../../recommender/model/loaded-model.ts";
import type { StoredModel } from "../../../recommender/model/store.ts";

/** Asks a stored model one query after the other. */
export const answering =
  (stored: StoredModel, name = "2026-11-21.1") =>
  (query: Query, blocked: ReadonlySet<string> = new Set()): Promise<Answer> =>
    recommend({ name, ranking: stored.rankingWithout(() => blocked) }, query);
