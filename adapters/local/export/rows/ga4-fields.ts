import type { Settings } from "../../../../contracts/settings/settings.ts";
import { literal } from "../../duckdb.ts";

export type Ga4FieldSettings = Pick<Settings, "ga4Scope" | "ga4Streams" | "ga4Hosts">;

/** Columns of a GA4 export that are read only where a setting asks for them. */
export interface Ga4Fields {
  /** Their types in SQL, by name: the fields that are read, all of text. */
  types: Record<string, string>;
  /** SQL for the scope of the event's user, where `at` gives SQL for a column of that type. */
  scope(at: ColumnSql): string;
  /** SQL: the event is of the stores that are asked for. Undefined: of all. */
  isAsked?(at: ColumnSql): string;
}

type ColumnSql = (column: string) => string;

export function ga4Fields({ ga4Scope, ga4Streams, ga4Hosts }: Ga4FieldSettings): Ga4Fields {
  const structs = new Map<string, string[]>();
  const needs = (column: string, field: string) =>
    structs.set(column, [...(structs.get(column) ?? []), field]);
  const types: Record<string, string> = {};
  const scope = ga4Scope === undefined ? () => "NULL::VARCHAR" : scopeIn(ga4Scope, needs, types);
  const conditions: ((at: ColumnSql) => string)[] = [];
  const isOneOf = (text: string, values: string[]) =>
    `coalesce(${text} IN (${values.map(literal).join(", ")}), false)`;
  if (ga4Streams.length > 0) {
    types["stream_id"] = "VARCHAR";
    conditions.push((at) => isOneOf(at("stream_id"), ga4Streams));
  }
  if (ga4Hosts.length > 0) {
    needs("device", "web_info STRUCT(hostname VARCHAR)");
    const hosts = ga4Hosts.map((host) => host.toLowerCase());
    conditions.push((at) => isOneOf(`lower(${at("device")}.web_info.hostname)`, hosts));
  }
  for (const [column, fields] of structs) types[column] = `STRUCT(${fields.join(", ")})`;
  if (conditions.length === 0) return { types, scope };
  return { types, scope, isAsked: (at) => conditions.map((condition) => condition(at)).join(" AND ") };
}

/** `ga4Scope` is geo.region, say, or user_property:store. */
function scopeIn(
  ga4Scope: string,
  needs: (column: string, field: string) => void,
  types: Record<string, string>,
): (at: ColumnSql) => string {
  const [, struct, field] = /^(\w+)\.(\w+)$/.exec(ga4Scope) ?? [];
  if (struct && field) {
    needs(struct, `${field} VARCHAR`);
    return (at) => `${at(struct)}.${field}`;
  }
  const [kind, key] = ga4Scope.split(":");
  const list = kind === "user_property" ? "user_properties" : "event_params";
  types[list] = `STRUCT(key VARCHAR, value STRUCT(string_value VARCHAR, int_value VARCHAR))[]`;
  const value = "entry.value.string_value, entry.value.int_value";
  return (at) =>
    `list_max(list_transform(list_filter(${at(list)}, lambda entry: entry.key = ${literal(key)}), lambda entry: coalesce(${value})))`;
}
