import { Problem } from "../../../contracts/problem.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import { projectOf } from "../clients.ts";

export const MAY_READ =
  "is `dataset` the right one? The function's service account needs roles/bigquery.metadataViewer on it, and roles/bigquery.dataViewer for a table of your own; `infra/deploy` grants them";

/**
 * The dataset of a shop's events.
 * @throws Problem when none is set.
 */
export function datasetOf(settings: Settings): { projectId: string; datasetId: string } {
  const { dataset } = settings;
  if (!dataset) {
    const next = "set it in the settings file, by --dataset or by STEAMER_DATASET: analytics_<id>";
    throw new Problem({ doing: `Reading the events of ${settings.shop}`, why: "no dataset is named", next });
  }
  const [datasetId, projectId = projectOf(settings)] = dataset.split(".").reverse();
  return { projectId, datasetId };
}
