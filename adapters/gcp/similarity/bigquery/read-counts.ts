import type { PeopleMetrics, ScopeMetrics, SimilarityMetrics } from "../../../../contracts/metrics.ts";
import { Problem } from "../../../../contracts/problem.ts";
import { haveScopes } from "../../../../contracts/settings/events.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import { TABLE_NAMES } from "../../../../contracts/tables.ts";
import { peopleWarnings } from "../../../../night/run/people-warnings.ts";
import type { StageContext } from "../../../../night/run/stage.ts";
import * as jobs from "../../bigquery-jobs.ts";
import { idOf, type Attempt, type Job } from "./attempt.ts";
import { peopleMetrics, type PeopleCounts } from "./people-queries.ts";
import type * as queries from "./queries.ts";

/** A reason not to take a step, which the counts before it give. */
export async function refusalBefore(
  { name }: Job,
  client: jobs.BigQueryClient,
  attempt: Attempt,
  context: StageContext,
): Promise<Problem | undefined> {
  if (name === "neighbours") return tooManyPairs(client, attempt, context);
  if (name !== "entries") return undefined;
  try {
    peopleWarnings(await readPeople(client, attempt), context.settings);
    return undefined;
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}

/** The number of pairs decides the cost of the neighbours. Counting pairs is cheap. */
async function tooManyPairs(
  client: jobs.BigQueryClient,
  attempt: Attempt,
  { manifest, settings }: StageContext,
): Promise<Problem | undefined> {
  const { scenarios } = await readCounts(client, attempt);
  const pairs = scenarios.reduce((sum, scenario) => sum + scenario.pairs, 0);
  if (pairs <= settings.maxPairs) return undefined;
  const count = (number: number) => number.toLocaleString("en");
  const why = `it would add up ${count(pairs)} pairs of items, and the limit (maxPairs) is ${count(settings.maxPairs)}`;
  const next = "set engine to dataproc, cap or days to fewer, or maxPairs to more";
  return new Problem({ doing: `Computing the similarities of ${manifest.run} in BigQuery`, why, next });
}

/** Counts as numbers: BigQuery may send sums as text. */
async function readCounts(client: jobs.BigQueryClient, attempt: Attempt) {
  const id = idOf(attempt, { name: "counts" });
  const [{ items, users, scenarios }] = await jobs.rowsOf<queries.Counts>(client, id, "the number of pairs");
  const counted = scenarios.map(({ scenario, entries, capped, pairs }) => {
    return { scenario, entries: Number(entries), capped: Number(capped), pairs: Number(pairs) };
  });
  return { items, users, scenarios: counted };
}

export async function readMetrics(client: jobs.BigQueryClient, attempt: Attempt): Promise<SimilarityMetrics> {
  const { items, users, scenarios } = await readCounts(client, attempt);
  const id = idOf(attempt, { name: "count-neighbours" });
  const found = await jobs.rowsOf<queries.NeighbourCount>(client, id, "the number of neighbours");
  const metrics = TABLE_NAMES.map((name) => {
    const counts = scenarios.find(({ scenario }) => scenario === name);
    const { entries, capped, pairs } = counts ?? { entries: 0, capped: 0, pairs: 0 };
    const neighbours = Number(found.find(({ scenario }) => scenario === name)?.neighbours ?? 0);
    return [name, { entries, capped, kept: capped, pairs, neighbours }];
  });
  const { neighbours, catalogue, buyers } = attempt.output;
  return { neighbours, catalogue, buyers, items, users, scenarios: Object.fromEntries(metrics) };
}

export async function readPeople(client: jobs.BigQueryClient, attempt: Attempt): Promise<PeopleMetrics> {
  const id = idOf(attempt, { name: "count-people" });
  const [counts] = await jobs.rowsOf<PeopleCounts>(client, id, "the number of people");
  return peopleMetrics(counts);
}

export async function readScopes(
  client: jobs.BigQueryClient,
  attempt: Attempt,
  settings: Settings,
): Promise<Pick<SimilarityMetrics, "scopes" | "scopeItems">> {
  if (!haveScopes(settings)) return {};
  const id = idOf(attempt, { name: "count-scopes" });
  const [counts] = await jobs.rowsOf<ScopeMetrics>(client, id, "the number of scopes");
  const { scopeItems } = attempt.output;
  return { scopes: counts, ...(counts.listed > 0 ? { scopeItems } : {}) };
}
