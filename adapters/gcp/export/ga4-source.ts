import type { Settings } from "../../../contracts/settings/settings.ts";
import type { BigQueryClient } from "../bigquery-jobs.ts";
import { asking } from "../failures.ts";
import { inParallel } from "../in-parallel.ts";
import { datasetOf, MAY_READ } from "./dataset.ts";
import type { DayState, EventSource } from "./event-source.ts";
import { ga4Rows } from "./ga4-rows.ts";
import { chooseTables } from "./ga4-tables.ts";

/** The daily tables of GA4's export, and with `intraday` streamed ones of days that are over. */
export function ga4Source(client: BigQueryClient, settings: Settings): EventSource {
  const { projectId, datasetId } = datasetOf(settings);
  const dataset = client.dataset(datasetId, { projectId });
  let tables: Map<string, string> = new Map();
  let leftOut: string[] = [];
  const nameOf = (day: string) => `${projectId}.${datasetId}.${tables.get(day)!}`;

  /** A day's last change and number of events. Asking is free. */
  async function describeDay(day: string): Promise<DayState> {
    const [{ lastModifiedTime, numRows }] = await asking(`Looking at ${nameOf(day)}`, MAY_READ, () =>
      dataset.table(tables.get(day)!).getMetadata(),
    );
    const modified = new Date(Number(lastModifiedTime)).toISOString();
    return { name: nameOf(day), modified, rows: Number(numRows) };
  }

  return {
    name: settings.dataset!,
    missing: {
      what: "table",
      next: "look at the link to BigQuery in GA4's settings: `dataset`, daily export (without it: `intraday`)",
    },
    async listDays() {
      const doing = `Listing the tables of ${settings.dataset}`;
      const [found] = await asking(doing, MAY_READ, () => dataset.getTables({ maxResults: 1000 }));
      const ids = found.flatMap(({ id }) => id ?? []);
      ({ tables, leftOut } = chooseTables(ids, settings, new Date()));
      return [...tables.keys()];
    },
    leftOut: () => leftOut,
    // Lists of tables and their changes are free.
    bytesBilled: () => 0,
    describe: (days) => inParallel(days, describeDay),
    rowsOf: (day) => ga4Rows(settings, nameOf(day)),
  };
}
