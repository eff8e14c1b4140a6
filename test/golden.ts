import { readFileSync } from "node:fs";
import type { QueryWeights } from "../core/ranking/query.ts";
import type { Options } from "../core/library.ts";
import type { ErasedUsers } from "../contracts/erased-list.ts";
import type { EventName, RejectReason } from "../contracts/interactions.ts";
import type { Buyers, PeopleRules, ScopeBounds } from "../contracts/jobs.ts";
import type { PeopleMetrics, ScopeMetrics } from "../contracts/metrics.ts";
import type { AlsKnobs } from "../contracts/settings/als.ts";
import type { Settings } from "../contracts/settings/settings.ts";

/** Reads golden rows: what TypeScript, Python and SQL must all agree on. */
function golden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../contracts/golden/${name}.json`, import.meta.url), "utf8")) as T;
}

type Scores = [item: string, score: number][];

export interface SimilarityCase {
  name: string;
  options: Partial<Options>;
  interactions: [user: string, item: string, event: EventName, count: number, lastAt?: number][];
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

/** GA4 events of several stores in one property, and the users of whose events count. */
export const storesCases = golden<{
  events: { user_id: string; stream_id: string | null; hostname: string | null }[];
  asked: { ga4Streams: string[]; ga4Hosts: string[]; users: string[] }[];
}>("stores");

/** The events as rows of a GA4 export: one without a host name has no `web_info`. */
export const storeEvents = storesCases.events.map(({ user_id, stream_id, hostname }, k) => ({
  event_date: "20261121",
  event_timestamp: 1795255260e6 + k,
  event_name: "view_item",
  user_id,
  stream_id,
  device: { language: "de", web_info: { hostname } },
  items: [{ item_id: "tea" }],
}));

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

/**
 * GA4 events of one day, and what each means: an interaction of a user, or a reason not to count.
 */
export interface MeaningCase {
  name: string;
  missingIds: Settings["missingIds"];
  events: {
    user_id: string | null;
    user_pseudo_id: string | null;
    item_id: string | null;
    event: EventName;
    quantity: number | null;
    means: { user: string; reason?: undefined } | { user?: undefined; reason: RejectReason };
  }[];
}
export const meaningCases = golden<MeaningCase[]>("who-and-what");

/**
 * The rows of a GA4 export, and what is expected of them: "user item event 1", counts by reason.
 */
export function ga4EventsOf({ events }: MeaningCase) {
  const rows = events.map(({ user_id, user_pseudo_id, item_id, event, quantity }, k) => ({
    event_date: "20261121",
    event_timestamp: 1795255260e6 + k,
    event_name: event,
    user_id,
    user_pseudo_id,
    items: [{ item_id, quantity }],
  }));
  /** The same as rows of a flat file. */
  const flat = events.map(({ means: _, ...event }, k) => ({ ...event, time: 1795255260e6 + k }));
  const pairs = events.flatMap(({ means, item_id, event }) =>
    means.user === undefined ? [] : [`${means.user} ${item_id} ${event} 1`],
  );
  const rejected: Partial<Record<RejectReason, number>> = {};
  for (const { means } of events)
    if (means.reason) rejected[means.reason] = (rejected[means.reason] ?? 0) + 1;
  return { rows, flat, pairs: pairs.sort(), rejected };
}

/** Interactions of a window, and those of people: who is who, and who is a robot. */
export interface PeopleCase {
  name: string;
  rules: PeopleRules;
  interactions: [
    user: string,
    device: string | null,
    item: string,
    event: EventName,
    count: number,
    lastAt: number,
    day: string,
  ][];
  people: [user: string, item: string, event: EventName, count: number][];
  metrics: PeopleMetrics;
}
export const peopleCases = golden<PeopleCase[]>("people");

/** Interactions of a window, and the users by whom its last day is judged. */
export interface BuyersCase {
  name: string;
  buyers: Buyers;
  interactions: [user: string, item: string, event: EventName, count: number, lastAt: number, day: string][];
  kept: string[];
}
export const buyersCases = golden<BuyersCase[]>("buyers");
