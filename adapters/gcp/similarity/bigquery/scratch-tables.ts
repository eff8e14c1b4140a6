import { SCRATCH_DATASET } from "../../../../contracts/google-names.ts";
import { filesLike, formatOf, type RowFormat } from "../../../../contracts/layout.ts";
import { ExportMetrics } from "../../../../contracts/metrics.ts";
import { Problem } from "../../../../contracts/problem.ts";
import { haveScopes } from "../../../../contracts/settings/events.ts";
import type { Objects } from "../../../../night/state/objects.ts";
import { metricsOf, type StageContext } from "../../../../night/run/stage.ts";
import { startLoad, type BigQueryClient, type JobLimits } from "../../bigquery-jobs.ts";
import { projectOf } from "../../clients.ts";
import { asking, ifThere, unlessThere } from "../../failures.ts";
import type { Tables } from "./queries.ts";

/** BigQuery deletes a run's tables after this time, even if the run died. */
const LIFETIME_MS = 24 * 3_600_000;

const TYPES = {
  user: "STRING",
  item: "STRING",
  event: "STRING",
  count: "INTEGER",
  lastAt: "INTEGER",
  day: "STRING",
  name: "STRING",
  category: "STRING",
  price: "FLOAT",
};
/** A day's export has this column where scopes are asked for. */
const SCOPE = { name: "scope", type: "STRING" };
const FIELDS = Object.entries(TYPES).map(([name, type]) => ({ name, type }));

const KINDS = ["interactions", "entries", "neighbours"] as const;

/** The names of an attempt's tables. */
export function tablesOf({ settings }: Pick<StageContext, "settings">, attempt: string): Tables {
  const table = (kind: string) =>
    `${projectOf(settings)}.${SCRATCH_DATASET}.${attempt.replaceAll("-", "_")}_${kind}`;
  return Object.fromEntries(KINDS.map((kind) => [kind, table(kind)])) as unknown as Tables;
}

const idOf = (table: string) => table.slice(table.lastIndexOf(".") + 1);

/**
 * Starts to load the pinned exports into the attempt's table.
 * @throws Problem when there is nothing to load, or no dataset to hold the tables.
 */
export async function startLoading(
  client: BigQueryClient,
  objects: Objects,
  context: StageContext,
  { id, table, limits }: { id: string; table: string; limits: JobLimits },
): Promise<void> {
  const sources = await findSources(objects, context);
  const next = `\`infra/deploy\` makes the dataset ${SCRATCH_DATASET}, in ${context.settings.location}, when engine is bigquery`;
  const fields = haveScopes(context.settings) ? [...FIELDS, SCOPE] : FIELDS;
  const created = { schema: fields, expirationTime: String(Date.now() + LIFETIME_MS), labels: limits.labels };
  await asking(`Making the table ${table}`, next, () =>
    unlessThere(() => client.dataset(SCRATCH_DATASET).createTable(idOf(table), created)),
  );
  const destinationTable = {
    projectId: projectOf(context.settings),
    datasetId: SCRATCH_DATASET,
    tableId: idOf(table),
  };
  const load = {
    ...sources,
    destinationTable,
    schema: { fields },
    writeDisposition: "WRITE_TRUNCATE",
  };
  await startLoad(client, id, load, limits, "the load of the interactions");
}

/** The files of each day; a day without interactions may have none. */
async function findSources(objects: Objects, { manifest, settings }: StageContext) {
  const { days } = metricsOf(manifest, "export", ExportMetrics);
  const sourceUris: string[] = [];
  let format: RowFormat = "parquet";
  for (const { interactions } of days) {
    const [first] = await objects.list(interactions);
    if (first === undefined) continue;
    format = formatOf(first);
    sourceUris.push(`${settings.data}/${interactions}${filesLike(first)}`);
  }
  if (sourceUris.length === 0) {
    const why = `${days.length} days were exported, without a single interaction`;
    const next = "do the shop's events have items? Are they view_item, add_to_cart, purchase (eventNames)?";
    throw new Problem({ doing: `Reading the interactions of ${manifest.run}`, why, next });
  }
  return { sourceUris, sourceFormat: format === "parquet" ? "PARQUET" : "NEWLINE_DELIMITED_JSON" };
}

/** Deletes those of an attempt's tables that exist. */
export async function deleteTables(client: BigQueryClient, tables: Tables): Promise<void> {
  for (const table of Object.values(tables) as string[]) {
    const next = "nothing: it expires within a day";
    await asking(`Deleting the table ${table}`, next, () =>
      ifThere(() => client.dataset(SCRATCH_DATASET).table(idOf(table)).delete()),
    );
  }
}
