import { SCRATCH_DATASET } from "../../../../contracts/google-names.ts";
import { peopleRulesOf } from "../../../../contracts/jobs.ts";
import { filesLike, formatOf, ROW_FILES, type RowFormat } from "../../../../contracts/layout.ts";
import { ExportMetrics } from "../../../../contracts/metrics.ts";
import { Problem } from "../../../../contracts/problem.ts";
import { haveScopes } from "../../../../contracts/settings/events.ts";
import type { Objects } from "../../../../night/state/objects.ts";
import { metricsOf, type StageContext } from "../../../../night/run/stage.ts";
import { startLoad, type BigQueryClient, type JobLimits } from "../../bigquery-jobs.ts";
import { projectOf } from "../../clients.ts";
import { asking, ifThere, unlessThere } from "../../failures.ts";
import type { Tables } from "./tables.ts";

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
/** A day's export has this column where devices take their user's id. */
const DEVICE = { name: "device", type: "STRING" };
/** A day's export has this column where scopes are asked for. */
const SCOPE = { name: "scope", type: "STRING" };
const FIELDS = Object.entries(TYPES).map(([name, type]) => ({ name, type }));

const REVIEW_FIELDS = [
  { name: "user", type: "STRING" },
  { name: "item", type: "STRING" },
  { name: "rating", type: "FLOAT" },
  { name: "at", type: "INTEGER" },
];

const KINDS = ["pinned", "interactions", "entries", "neighbours"] as const;

/** The names of an attempt's tables. */
export function tablesOf({ manifest, settings }: StageContext, attempt: string): Tables {
  const { reviews } = metricsOf(manifest, "export", ExportMetrics);
  const kinds = reviews ? [...KINDS, "events", "reviews"] : KINDS;
  const table = (kind: string) =>
    `${projectOf(settings)}.${SCRATCH_DATASET}.${attempt.replaceAll("-", "_")}_${kind}`;
  return Object.fromEntries(kinds.map((kind) => [kind, table(kind)])) as unknown as Tables;
}

const idOf = (table: string) => table.slice(table.lastIndexOf(".") + 1);

/** A load into one of the attempt's tables. */
export interface Load {
  id: string;
  table: string;
  limits: JobLimits;
}

/**
 * Starts to load the pinned exports into the attempt's table.
 * @throws Problem when there is nothing to load, or no dataset to hold the tables.
 */
export async function startLoading(
  client: BigQueryClient,
  objects: Objects,
  context: StageContext,
  load: Load,
): Promise<void> {
  const sources = await findSources(objects, context);
  const { settings } = context;
  const devices = peopleRulesOf(settings).linkDevices ? [DEVICE] : [];
  const fields = [...FIELDS, ...(haveScopes(settings) ? [SCOPE] : []), ...devices];
  await startInto(client, context, { ...load, sources, fields, what: "the load of the interactions" });
}

/** Starts to load the pinned reviews into the attempt's table. */
export async function startLoadingReviews(
  client: BigQueryClient,
  context: StageContext,
  folder: string,
  load: Load,
): Promise<void> {
  const uri = `${context.settings.data}/${folder}${ROW_FILES.parquet}`;
  const sources = { sourceUris: [uri], sourceFormat: "PARQUET" };
  await startInto(client, context, {
    ...load,
    sources,
    fields: REVIEW_FIELDS,
    what: "the load of the reviews",
  });
}

interface Filling extends Load {
  sources: { sourceUris: string[]; sourceFormat: string };
  fields: { name: string; type: string }[];
  what: string;
}

async function startInto(
  client: BigQueryClient,
  { settings }: StageContext,
  { id, table, limits, sources, fields, what }: Filling,
): Promise<void> {
  const next = `\`infra/deploy\` makes the dataset ${SCRATCH_DATASET}, in ${settings.location}, when engine is bigquery`;
  const created = { schema: fields, expirationTime: String(Date.now() + LIFETIME_MS), labels: limits.labels };
  await asking(`Making the table ${table}`, next, () =>
    unlessThere(() => client.dataset(SCRATCH_DATASET).createTable(idOf(table), created)),
  );
  const destinationTable = {
    projectId: projectOf(settings),
    datasetId: SCRATCH_DATASET,
    tableId: idOf(table),
  };
  const load = { ...sources, destinationTable, schema: { fields }, writeDisposition: "WRITE_TRUNCATE" };
  await startLoad(client, id, load, limits, what);
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
