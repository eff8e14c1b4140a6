import type { Settings } from "../../../contracts/settings/settings.ts";
import type { BigQueryClient } from "../bigquery-jobs.ts";
import { asking } from "../failures.ts";
import { inParallel } from "../in-parallel.ts";
import { datasetOf, MAY_READ } from "./dataset.ts";
import type { DayState, EventSource } from "./event-source.ts";
import { ga4Rows } from "./ga4-rows.ts";

/** The daily tables of GA4's export. Intraday tables are incomplete and do not count. */
export function ga4Source(client: BigQueryClient, settings: Settings): EventSource {
  const { projectId, datasetId } = datasetOf(settings);
  const dataset = client.dataset(datasetId, { projectId });
  const idOf = (day: string) => `events_${day.replaceAll("-", "")}`;
  const nameOf = (day: string) => `${projectId}.${datasetId}.${idOf(day)}`;

  /** A day's last change and number of events. Asking is free. */
  async function describeDay(day: string): Promise<DayState> {
    const [{ lastModifiedTime, numRows }] = await asking(`Looking at ${nameOf(day)}`, MAY_READ, () =>
      dataset.table(idOf(day)).getMetadata(),
    );
    const modified = new Date(Number(lastModifiedTime)).toISOString();
    return { name: nameOf(day), modified, rows: Number(numRows) };
  }

  return {
    name: settings.dataset!,
    missing: {
      what: "table",
      next: "look at the link to BigQuery in GA4's settings: `dataset`, daily export",
    },
    async listDays() {
      const doing = `Listing the tables of ${settings.dataset}`;
      const [tables] = await asking(doing, MAY_READ, () => dataset.getTables({ maxResults: 1000 }));
      const suffixes = tables.flatMap(({ id }) => /^events_(\d{8})$/.exec(id ?? "")?.[1] ?? []);
      return suffixes.map((suffix) => suffix.replace(/(....)(..)(..)/, "$1-$2-$3")).sort();
    },
    describe: (days) => inParallel(days, describeDay),
    rowsOf: (day) => ga4Rows(settings, nameOf(day)),
  };
}
