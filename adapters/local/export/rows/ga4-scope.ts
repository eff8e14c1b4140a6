import { literal } from "../../duckdb.ts";

/** The field of a GA4 event that names its user's scope: the setting `ga4Scope`. */
export interface ScopeField {
  /** The event's column that has it. */
  column: string;
  /** The column's type in SQL: its fields that are read, all of text. */
  type: string;
  /** True for a list of keys and values. */
  isList: boolean;
  /** SQL for the scope, where SQL for a column of that type is given. */
  in(column: string): string;
}

/** `ga4Scope` is geo.region, say, or user_property:store. */
export function scopeField(ga4Scope: string): ScopeField {
  const [, column, field] = /^(\w+)\.(\w+)$/.exec(ga4Scope) ?? [];
  if (column && field) {
    return {
      column,
      type: `STRUCT(${field} VARCHAR)`,
      isList: false,
      in: (struct) => `${struct}.${field}`,
    };
  }
  const [kind, key] = ga4Scope.split(":");
  const value = "entry.value.string_value, entry.value.int_value";
  return {
    column: kind === "user_property" ? "user_properties" : "event_params",
    type: `STRUCT(key VARCHAR, value STRUCT(string_value VARCHAR, int_value VARCHAR))[]`,
    isList: true,
    in: (list) =>
      `list_max(list_transform(list_filter(${list}, lambda entry: entry.key = ${literal(key)}), lambda entry: coalesce(${value})))`,
  };
}
