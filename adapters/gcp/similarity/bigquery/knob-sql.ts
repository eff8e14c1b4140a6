import { TABLE_NAMES, type TableName } from "../../../../contracts/tables.ts";

/** Query parameters, and their types in BigQuery. */
export interface Parameters {
  params: Record<string, unknown>;
  types: Record<string, string>;
}

/** A knob in SQL, with its query parameters. */
export interface KnobSql extends Parameters {
  /** The knob's value for the table that a column names. */
  by(column: string): string;
  of(table: TableName): string;
}

/** One parameter when all tables share the knob's value, else one for each table. */
export function knobSql(name: string, type: string, values: Record<TableName, unknown>): KnobSql {
  const isSame = new Set(Object.values(values)).size === 1;
  const parameterOf = (table: TableName) => (isSame ? name : `${table}_${name}`);
  const cases = TABLE_NAMES.map((table) => `WHEN '${table}' THEN @${parameterOf(table)}`).join(" ");
  const params = Object.fromEntries(TABLE_NAMES.map((table) => [parameterOf(table), values[table]]));
  return {
    by: (column) => (isSame ? `@${name}` : `CASE ${column} ${cases} END`),
    of: (table) => `@${parameterOf(table)}`,
    params,
    types: Object.fromEntries(Object.keys(params).map((parameter) => [parameter, type])),
  };
}

/** The parameters of several parts of a query. */
export const merged = (knobs: readonly Parameters[]): Parameters => ({
  params: Object.assign({}, ...knobs.map(({ params }) => params)),
  types: Object.assign({}, ...knobs.map(({ types }) => types)),
});
