import { buyersOf, scopeBoundsOf } from "../../../../contracts/jobs.ts";
import { paths, type SimilarityOutput } from "../../../../contracts/layout.ts";
import type { StageContext } from "../../../../night/run/stage.ts";
import { attemptLabels, attemptName } from "../../attempt.ts";
import * as jobs from "../../bigquery-jobs.ts";
import { exportTo } from "../../export/export-query.ts";
import { buyersQuery } from "./buyers-query.ts";
import { countPeople, peopleQuery } from "./people-queries.ts";
import * as queries from "./queries.ts";
import { reviewedQuery } from "./review-queries.ts";
import { tablesOf } from "./scratch-tables.ts";
import type { Tables } from "./tables.ts";

/** A job of an attempt. Those without a query load files, and start with the attempt. */
export interface Job {
  name:
    | "load"
    | "load-reviews"
    | "people"
    | "count-people"
    | "reviewed"
    | "entries"
    | "counts"
    | "neighbours"
    | "write-neighbours"
    | "write-catalogue"
    | "write-buyers"
    | "count-neighbours"
    | "write-scopes"
    | "count-scopes";
  query?: jobs.JobQuery;
}

/** An attempt as a whole. All of it follows from the run, so any process can continue it. */
export interface Attempt {
  name: string;
  tables: Tables;
  output: SimilarityOutput;
  /** Steps in order; the jobs of a step run at the same time. */
  steps: Job[][];
  limits: jobs.JobLimits;
}

export function attemptOf(context: StageContext): Attempt {
  const { manifest, settings, attempt } = context;
  const name = attemptName(context, "similarity");
  const tables = tablesOf(context, name);
  const output = paths.similarity(manifest.shop, manifest.run, attempt);
  const write = (folder: string, query: jobs.JobQuery) =>
    exportTo(`${settings.data}/${folder}`, "parquet", query);
  const bounds = scopeBoundsOf(settings);
  const scopes: Job[] = bounds
    ? [
        { name: "write-scopes", query: write(output.scopeItems, queries.scopesQuery(tables, bounds)) },
        { name: "count-scopes", query: queries.countScopes(tables, bounds) },
      ]
    : [];
  const people: Job[] = [
    { name: "people", query: peopleQuery(tables, settings) },
    { name: "count-people", query: countPeople(tables, settings) },
  ];
  const steps: Job[][] = [
    ...(tables.reviews === undefined
      ? [[{ name: "load" } as const], people]
      : [
          [{ name: "load" } as const, { name: "load-reviews" } as const],
          people,
          [{ name: "reviewed" as const, query: reviewedQuery(tables, settings) }],
        ]),
    [{ name: "entries", query: queries.entriesQuery(tables, settings) }],
    [{ name: "counts", query: queries.countsQuery(tables, settings) }],
    [{ name: "neighbours", query: queries.neighboursQuery(tables, settings) }],
    [
      { name: "write-neighbours", query: write(output.neighbours, queries.readNeighbours(tables)) },
      { name: "write-catalogue", query: write(output.catalogue, queries.catalogueQuery(tables)) },
      { name: "write-buyers", query: write(output.buyers, buyersQuery(tables, buyersOf(manifest.lastDay))) },
      { name: "count-neighbours", query: queries.countNeighbours(tables) },
      ...scopes,
    ],
  ];
  return {
    name,
    tables,
    output,
    steps,
    limits: jobs.limitsOf(settings, attemptLabels(manifest, "similarity")),
  };
}

export const idOf = (attempt: Attempt, { name }: Job) => `${attempt.name}-${name}`;
export const called = ({ name }: Job) => `the similarities' step ${name}`;
