import type { TableColumn, TableColumns } from "../../../contracts/event-table.ts";
import { cancelledStatuses, STATUS_PREFIX } from "../../../contracts/order-status.ts";
import { haveDevices } from "../../../contracts/settings/events.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import { addDays } from "../../../night/run/day.ts";
import {
  eventCase,
  finite,
  idParams,
  isBlank,
  isMissing,
  NAME_TYPES,
  nameParams,
  seenOn,
  type EventRows,
} from "./event-rows.ts";

type Zone = Pick<Settings, "timeZone">;

/** The rows of a day of a shop's own table, of which BigQuery reads that day's partition alone. */
export function tableRows(table: string, columns: TableColumns, settings: Settings, day: string): EventRows {
  const { user, device, event, status, scope, time } = columns;
  const said = scope ? `, ${text(scope)} AS said` : "";
  return {
    hasScopes: scope !== undefined,
    hasDevices: haveDevices(settings),
    params: {
      ...idParams(settings),
      ...(event ? nameParams(settings, "flat") : {}),
      ...(status ? { cancelled: cancelledStatuses(settings) } : {}),
    },
    types: { ...(event ? NAME_TYPES : {}), ...(status ? { cancelled: ["STRING"] } : {}) },
    select: (withScope) => `
        SELECT
          ${userOf(columns)} AS user,
          ${device ? seenOn(text(user), text(device)) : "CAST(NULL AS STRING)"} AS seen_on,
          ${event ? eventCase(text(event)) : `'${settings.eventNames["*"] ?? "purchase"}'`} AS event,
          ${microseconds(time)} AS lastAt,
          '${day}' AS day,
          ${text(columns.item)} AS item,
          ${attribute(columns.name)} AS name,
          ${attribute(columns.category)} AS category,
          ${columns.price ? finite(number(columns.price)) : "CAST(NULL AS FLOAT64)"} AS price,
          ${quantityOf(columns)} AS quantity${withScope ? said : ""}
        FROM \`${table}\` WHERE ${isBetween(columns.date, day, day, settings)}`,
  };
}

/** SQL: how many rows each day has between two: `day`, `rows`. */
export const countDays = (
  table: string,
  { date }: TableColumns,
  settings: Zone,
  first: string,
  last: string,
) => `
    SELECT day, COUNT(*) AS \`rows\` FROM (
      SELECT CAST(${dayOf(date, settings)} AS STRING) AS day
      FROM \`${table}\` WHERE ${isBetween(date, first, last, settings)})
    GROUP BY day ORDER BY day`;

/** Constants only: so BigQuery prunes partitions, and the dry run knows the price. */
function isBetween({ sql, type }: TableColumn, first: string, last: string, { timeZone }: Zone): string {
  const start = (day: string) =>
    type === "TIMESTAMP" ? `TIMESTAMP('${day}', '${timeZone}')` : `${type} '${day}'`;
  return `${sql} >= ${start(first)} AND ${sql} < ${start(addDays(last, 1))}`;
}

function dayOf({ sql, type }: TableColumn, { timeZone }: Zone): string {
  if (type === "DATE") return sql;
  return type === "DATETIME" ? `DATE(${sql})` : `DATE(${sql}, '${timeZone}')`;
}

/** A time without a zone is UTC, as in files. */
const microseconds = ({ sql, type }: TableColumn) =>
  `UNIX_MICROS(${type === "TIMESTAMP" ? sql : `TIMESTAMP(${sql})`})`;

const text = ({ sql, type }: TableColumn) => (type === "STRING" ? sql : `CAST(${sql} AS STRING)`);
const number = ({ sql }: TableColumn) => `CAST(${sql} AS FLOAT64)`;

function attribute(column: TableColumn | undefined): string {
  if (!column) return "CAST(NULL AS STRING)";
  return `IF(${isBlank(text(column))}, NULL, ${text(column)})`;
}

/** The user, or where nobody is named the device. */
function userOf({ user, device }: TableColumns): string {
  return device ? `IF(${isMissing("user", text(user))}, ${text(device)}, ${text(user)})` : text(user);
}

/** An order that was cancelled is one of nothing. */
function quantityOf({ quantity, status }: TableColumns): string {
  const amount = quantity ? number(quantity) : "CAST(NULL AS FLOAT64)";
  if (!status) return amount;
  const plain = `REGEXP_REPLACE(LOWER(TRIM(${text(status)})), '${STATUS_PREFIX}', '')`;
  return `IF(${plain} IN UNNEST(@cancelled), 0.0, ${amount})`;
}
