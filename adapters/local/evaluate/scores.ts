import type { DuckDBConnection } from "@duckdb/node-api";
import type { Settings } from "../../../contracts/settings/settings.ts";
import { knobsOf, type Knobs } from "../../../contracts/settings/similarity.ts";
import { TABLES, type TableName } from "../../../contracts/tables.ts";
import {
  comparedWith,
  evaluate,
  type Difference,
  type Measured,
  type Recommend,
  type TestUser,
} from "../../../core/evaluation/quality.ts";
import { byNeighbours, byPopularity } from "../../../core/evaluation/ways.ts";
import { neighbourTable, type NeighbourTable } from "../../../core/model/neighbour-table.ts";
import type { IdHashes } from "../../../core/ratings/dimsum.ts";
import type { Ratings } from "../../../core/ratings/ratings.ts";
import { murmur3 } from "../../../core/text/hash.ts";
import { query } from "../duckdb.ts";
import { findNeighbours } from "../similarity/find-neighbours.ts";
import { readHashes, readIds, readRatings } from "../similarity/read-ratings.ts";
import type { Ties } from "./codes.ts";
import type { Ranks } from "./export-ranks.ts";
import { factorsOf } from "./score-factors.ts";

/** What a way of recommending came to. */
export interface Result extends Measured {
  name: string;
  /** In NDCG@10, over the first result; of one with reviews: over the same without them. */
  gain?: Difference;
}

export interface EvaluationHooks {
  progress(fraction: number, message: string): void;
  signal: AbortSignal;
}

/** Settings to compare with, and what to call their neighbours. */
export interface Against {
  name: string;
  settings: Settings;
}

/** What scoring needs whatever it scores. */
export interface Scoring {
  connection: DuckDBConnection;
  /** The number of items. */
  items: number;
  settings: Settings;
  /** Other settings, whose neighbours are measured too. */
  against?: Against | undefined;
  /** The table whose neighbours are measured. */
  scenario: TableName;
  ties: Ties;
  /** Takes what is recommended. */
  ranks?: Ranks | undefined;
  hooks: EvaluationHooks;
}

/** Who is asked. What is trained on is in the table `entries`. */
export interface Scored {
  users: TestUser[];
  /** What reviews leave of each item's similarities; absent: there are no reviews. */
  share?: Float64Array;
}

const ARTICLE_WEIGHTS = { view_item: 0.5, add_to_cart: 2, purchase: 6 };

/** The 2018 article's design, over any other settings: weighted vectors, no shrinkage, no cap. */
const ARTICLE: Partial<Knobs> = {
  method: "cosine",
  mode: "exact",
  vectors: "weighted",
  eventWeights: ARTICLE_WEIGHTS,
  cap: 0,
  minSupport: 1,
  shrinkage: 0,
  alpha: 0.5,
  top: 50,
};

/** Trains and measures each way of recommending. With reviews, only those that they can change. */
export async function score(work: Scoring, scored: Scored): Promise<Result[]> {
  const { connection, items, settings, against, scenario, ranks, hooks } = work;
  const { users, share } = scored;
  const { events, queryWeights } = TABLES[scenario];
  const tableOf = async (knobs: Knobs) => {
    const ratings = await readRatings(connection, events, knobs);
    if (share) ratings.share = share;
    const hashes = knobs.mode === "dimsum" ? await hashesFor(work, ratings) : undefined;
    const { signal } = hooks;
    const own = { signal, threads: settings.threads, hashes, mayReuse: true };
    const { neighbours } = await findNeighbours(ratings, knobs, own);
    return neighbourTable(neighbours);
  };
  const measured = (way: string, recommend: Recommend) => {
    const name = share ? `${way}, with reviews` : way;
    return { name, ...evaluate(users, items, recommend, ranks?.taker(name)) };
  };
  const neighboursBy = (table: NeighbourTable, by: Settings) =>
    byNeighbours(table, by[queryWeights], by.halfLife);
  const knobs = knobsOf(settings, scenario);
  const ours = await tableOf(knobs);
  const results = [
    measured("neighbours", neighboursBy(ours, settings)),
    ...(await factorsOf(work, ours)).map(([name, recommend]) => measured(name, recommend)),
  ];
  if (share) return results;
  const popular = await query<{ users: number }>(
    connection,
    "SELECT count(*)::INTEGER AS users FROM entries GROUP BY item ORDER BY item",
  );
  if (against) {
    const theirs = await tableOf(knobsOf(against.settings, scenario));
    results.push(measured(against.name, neighboursBy(theirs, against.settings)));
  }
  const article = await tableOf({ ...knobs, ...ARTICLE });
  const [first, ...others] = [
    ...results,
    measured("the article's", byNeighbours(article, ARTICLE_WEIGHTS)),
    measured("most popular", byPopularity(popular.map(({ users }) => users))),
  ];
  return [first, ...others.map((other) => comparedWith(first, other))];
}

/** What DIMSUM samples by: the ids, or numbers that do not depend on them. */
async function hashesFor({ connection, ties }: Scoring, { users, items }: Ratings): Promise<IdHashes> {
  if (ties === "ids") return readHashes(connection, await readIds(connection, "item"));
  const hashed = (length: number) => Uint32Array.from({ length }, (_, code) => murmur3(String(code)));
  return { user: hashed(users), item: hashed(items) };
}
