import type { TableMetadata } from "@google-cloud/bigquery";
import { chooseTableColumns, type TableColumn, type TableColumns } from "../../../contracts/event-table.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import { addDays } from "../../../night/run/day.ts";
import { askRows, type BigQueryClient } from "../bigquery-jobs.ts";
import { asking } from "../failures.ts";
import { datasetOf, MAY_READ } from "./dataset.ts";
import type { EventSource } from "./event-source.ts";
import { countDays, tableRows } from "./table-rows.ts";

/**
 * A table or view of the shop's own.
 * @throws Problem when it is not there, or its columns do not fit.
 */
export async function ownTable(client: BigQueryClient, settings: Settings, id: string): Promise<EventSource> {
  const { projectId, datasetId } = datasetOf(settings);
  const name = `${projectId}.${datasetId}.${id}`;
  const table = client.dataset(datasetId, { projectId }).table(id);
  const [metadata] = await asking(`Looking at ${name}`, MAY_READ, () => table.getMetadata());
  const columns = chooseTableColumns(name, metadata as TableMetadata, settings);
  let bytesBilled = 0;
  async function ask<Row>(query: string, what: string): Promise<Row[]> {
    const asked = await askRows<Row>(client, { query }, settings.maximumBytesBilled, what);
    bytesBilled += asked.bytesBilled;
    return asked.rows;
  }
  const rows = new Map<string, number>();
  return {
    name,
    missing: { what: "row", next: `look at the job that fills ${name}, and at \`timeZone\`` },
    async listDays(first, last) {
      const query = countDays(name, columns, settings, first, last);
      const found = await ask<{ day: string; rows: number }>(query, `the days of ${name}`);
      for (const day of found) rows.set(day.day, Number(day.rows));
      return found.map(({ day }) => day);
    },
    leftOut: () => [],
    bytesBilled: () => bytesBilled,
    async describe(days) {
      const changes = await changesOf(metadata as TableMetadata, columns, settings, () =>
        ask<Partition>(partitionsOf(`${projectId}.${datasetId}`, id), `the partitions of ${name}`),
      );
      return days.map((day) => {
        const changed = changes(day);
        const modified = changed === undefined ? {} : { modified: new Date(changed).toISOString() };
        return { name, rows: rows.get(day) ?? 0, ...modified };
      });
    },
    rowsOf: (day) => tableRows(name, columns, settings, day),
  };
}

interface Partition {
  /** 20261121, or of other lengths: 2026112107, 202611, 2026. */
  id: string;
  /** Milliseconds since 1970. */
  modified: number;
}

const partitionsOf = (dataset: string, table: string) => `
    SELECT partition_id AS id, UNIX_MILLIS(last_modified_time) AS modified
    FROM \`${dataset}\`.INFORMATION_SCHEMA.PARTITIONS WHERE table_name = '${table}'`;

/**
 * When a day's rows last changed, in milliseconds since 1970: its partitions where the date column
 * divides the table, else the whole table. Nobody knows it of a view.
 */
async function changesOf(
  { type, timePartitioning, lastModifiedTime }: TableMetadata,
  { date }: TableColumns,
  settings: Settings,
  partitions: () => Promise<Partition[]>,
): Promise<(day: string) => number | undefined> {
  if (type !== "TABLE") return () => undefined;
  if (!timePartitioning || !isColumn(date, timePartitioning.field ?? "_PARTITIONDATE"))
    return () => Number(lastModifiedTime);
  const found = await partitions();
  // Partitions are days in UTC. A day elsewhere lies in two of them.
  const isShifted = date.type === "TIMESTAMP" && settings.timeZone !== "Etc/UTC";
  return (day) => {
    const days = (isShifted ? [-1, 0, 1] : [0]).map((k) => addDays(day, k).replaceAll("-", ""));
    const isOfDay = ({ id }: Partition) => days.some((each) => id.startsWith(each) || each.startsWith(id));
    const times = found.filter(isOfDay).map(({ modified }) => Number(modified));
    return times.length > 0 ? Math.max(...times) : undefined;
  };
}

const isColumn = ({ sql }: TableColumn, name: string) =>
  sql.replaceAll("`", "").toLowerCase() === name.toLowerCase();
