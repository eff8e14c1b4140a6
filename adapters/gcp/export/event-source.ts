import type { DayExport } from "../../../contracts/metrics.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import type { CompleteDays } from "../../../night/run/start-run.ts";
import { openBigQuery, type BigQueryClient } from "../bigquery-jobs.ts";
import type { EventRows } from "./event-rows.ts";
import { ga4Source } from "./ga4-source.ts";
import { ownTable } from "./own-table.ts";

/**
 * What a day's events are as they are now. Where `modified` is missing, nobody knows if they have
 * changed since an earlier night.
 */
export type DayState = Omit<NonNullable<DayExport["table"]>, "modified"> & { modified?: string };

/** Where a shop's events lie in BigQuery. */
export interface EventSource {
  /** As people know it: a dataset, or a table. */
  name: string;
  /** What a day without events lacks, and what to do then. */
  missing: { what: string; next: string };
  /** The days that have events, ascending: all between these two, and maybe others. */
  listDays(first: string, last: string): Promise<string[]>;
  /** What BigQuery has billed so far for the days and their changes. */
  bytesBilled(): number;
  /** What the listing left out, for people. */
  leftOut(): string[];
  /** Days that have been listed. */
  describe(days: string[]): Promise<DayState[]>;
  /** Of a day that has been listed. */
  rowsOf(day: string): EventRows;
}

/**
 * GA4's daily tables, or the shop's own table.
 * @throws Problem when none is named, or the table cannot be read.
 */
export const openEvents = (client: BigQueryClient, settings: Settings): Promise<EventSource> =>
  settings.eventTable === undefined
    ? Promise.resolve(ga4Source(client, settings))
    : ownTable(client, settings, settings.eventTable);

/**
 * The complete days, for start-run: GA4 makes a daily table when its day is complete. In a table of
 * the shop's own a day is, once it is over and has rows.
 */
export function completeDays(settings: Settings): CompleteDays {
  return async (first, last) => {
    const events = await openEvents(await openBigQuery(settings), settings);
    return (await events.listDays(first, last)).filter((day) => day >= first && day <= last);
  };
}
