import { readFileSync } from "node:fs";
import type { QueryWeights } from "../core/ranking/query.ts";
import type { Options } from "../core/library.ts";
import type { ErasedUsers } from "../contracts/erased-list.ts";
import type { EventName } from "../contracts/interactions.ts";
import type { ScopeBounds } from "../contracts/jobs.ts";
import type { ScopeMetrics } from "../contracts/metrics.ts";
import type { AlsKnobs } from "../contracts/settings/als.ts";

/** Reads golden rows: what TypeScript, Python and SQL must all agree on. */
function golden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../contracts/golden/${name}.json`, import.meta.url), "utf8")) as T;
}

type Scores = [item: string, score: number][];

export interface SimilarityCase {
  name: string;
  options: Partial<Options>;
  interactions: [user: string, item: string, event: EventName, count: number][];
  neighbours: Record<string, Scores>;
}

export interface RecommendationCase {
  name: string;
  neighbours: Record<string, Scores>;
  queryWeights: QueryWeights;
  includeInput: boolean;
  query: { browsed: string[]; basket: string[]; purchased: string[] };
  results: Scores;
}

/**
 * One training. There are more factors than it takes, so that its lowest loss is one number. All
 * users and items have as many entries: so implicit can train it, which does not scale lambda.
 */
export interface FactorsCase {
  name: string;
  als: AlsKnobs;
  interactions: [user: string, item: string, event: EventName, count: number][];
  users: number;
  items: number;
  entries: number;
  loss: number;
}

export const factorsCases = golden<FactorsCase[]>("factors");
export const similarityCases = golden<SimilarityCase[]>("similarity");
export const recommendationCases = golden<RecommendationCase[]>("recommendations");
/** Erased users, and events of theirs and of others: if they still count. */
export const erasedCase = golden<{
  users: { user: string; at: string; name: string }[];
  events: { user: string; micros: number; counts: boolean }[];
}>("erased");
export const erasedUsers: ErasedUsers = Object.fromEntries(
  erasedCase.users.map(({ name, at }) => [name, { at, finished: true }]),
);
export const hashes = golden<{
  ids: { id: string; murmur3: number }[];
  entries: { seed: number; user: string; item: string; hash: number }[];
}>("hashes");

/** GA4 events of one day that name a scope of their user, and what the user's scope is then. */
export const scopeOfDay = golden<{
  events: [user: string, at: number, scope: string | null][];
  scopes: Record<string, string | null>;
}>("scope-of-day");

/** Interactions with scopes, and what is listed of the scopes. */
export interface ScopesCase {
  name: string;
  bounds: ScopeBounds;
  interactions: [user: string, item: string, lastAt: number, scope: string | null][];
  scopes: [scope: string, users: number, items: [item: string, users: number][]][];
  counts: ScopeMetrics;
}
export const scopesCases = golden<ScopesCase[]>("scopes");

/** Interactions and reviews of one night, and what follows: docs/ARCHITECTURE.md has the rules. */
export interface ReviewsCase {
  name: string;
  options: Partial<Options>;
  weight: number;
  penalty: number;
  interactions: [user: string, item: string, event: EventName, count: number][];
  reviews: [user: string, item: string, rating: number][];
  /** Of the table `similar`. */
  neighbours: Record<string, Scores>;
  catalogue: [item: string, users: number, views: number, purchases: number][];
  /** Of users with factors, with the default als.eventWeights. */
  histories: Record<string, [item: string, weight: number, bought: boolean][]>;
}
export const reviewsCases = golden<ReviewsCase[]>("reviews");
