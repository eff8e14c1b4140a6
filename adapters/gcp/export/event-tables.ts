import type { DayExport } from "../../../contracts/metrics.ts";
import { Problem } from "../../../contracts/problem.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import type { CompleteDays } from "../../../night/run/start-run.ts";
import { openBigQuery, type BigQueryClient } from "../bigquery-jobs.ts";
import { projectOf } from "../clients.ts";
import { asking } from "../failures.ts";

/** A day's table as it is now. */
export type DayTable = NonNullable<DayExport["table"]>;

const MAY_READ =
  "is `dataset` the one that GA4 exports to? The function's service account needs roles/bigquery.metadataViewer on it; `infra/deploy` grants it";

/**
 * The dataset of a shop's GA4 export.
 * @throws Problem when none is set.
 */
function datasetOf(settings: Settings): { projectId: string; datasetId: string } {
  const { dataset } = settings;
  if (!dataset) {
    const next = "set it in the settings file, by --dataset or by STEAMER_DATASET: analytics_<id>";
    throw new Problem({ doing: `Reading the events of ${settings.shop}`, why: "no dataset is named", next });
  }
  const [datasetId, projectId = projectOf(settings)] = dataset.split(".").reverse();
  return { projectId, datasetId };
}

/** The days that have a daily table, ascending. Intraday tables are incomplete and do not count. */
export async function listDays(client: BigQueryClient, settings: Settings): Promise<string[]> {
  const dataset = events(client, settings);
  const doing = `Listing the tables of ${settings.dataset}`;
  const [tables] = await asking(doing, MAY_READ, () => dataset.getTables({ maxResults: 1000 }));
  const suffixes = tables.flatMap(({ id }) => /^events_(\d{8})$/.exec(id ?? "")?.[1] ?? []);
  return suffixes.map((suffix) => suffix.replace(/(....)(..)(..)/, "$1-$2-$3")).sort();
}

/** A day's last change and number of events. Asking is free. */
export async function describeDay(
  client: BigQueryClient,
  settings: Settings,
  day: string,
): Promise<DayTable> {
  const name = tableOf(settings, day);
  const table = events(client, settings).table(name.split(".")[2]);
  const [{ lastModifiedTime, numRows }] = await asking(`Looking at ${name}`, MAY_READ, () =>
    table.getMetadata(),
  );
  return { name, modified: new Date(Number(lastModifiedTime)).toISOString(), rows: Number(numRows) };
}

/** The name of a day's table: project.dataset.events_20261121. */
export function tableOf(settings: Settings, day: string): string {
  const { projectId, datasetId } = datasetOf(settings);
  return `${projectId}.${datasetId}.events_${suffixOf(day)}`;
}

/** The day as a suffix of GA4's table names: 20261121. */
export const suffixOf = (day: string) => day.replaceAll("-", "");

/** The complete days, for start-run: GA4 makes a daily table when its day is complete. */
export function completeDays(settings: Settings): CompleteDays {
  return async (first, last) => {
    const days = await listDays(await openBigQuery(settings), settings);
    return days.filter((day) => day >= first && day <= last);
  };
}

function events(client: BigQueryClient, settings: Settings) {
  const { projectId, datasetId } = datasetOf(settings);
  return client.dataset(datasetId, { projectId });
}
