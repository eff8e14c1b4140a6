import { identifier } from "../../duckdb.ts";

/** SQL, and the type of its value. */
export interface Typed {
  sql: string;
  type: string;
}

/**
 * A list as it is meant. Without Parquet's annotation a writer leaves a record around it, and often
 * one around each element: BigQuery's default is `list` of `element`. What is no such list stays.
 */
export function plainList({ sql, type }: Typed): Typed {
  const list = soleField(type, /^(list|bag|array)$/i);
  if (!list?.type.endsWith("[]")) return { sql, type };
  const field = `${sql}.${identifier(list.name)}`;
  const element = soleField(elementOf(list.type), /^(element|item|array|array_element)$/i);
  if (!element) return { sql: field, type: list.type };
  const each = `lambda entry: entry.${identifier(element.name)}`;
  return { sql: `list_transform(${field}, ${each})`, type: `${element.type}[]` };
}

export const elementOf = (list: string): string => list.slice(0, -2);

/** The only field of a record, if its name is a wanted one. */
function soleField(type: string, wanted: RegExp): { name: string; type: string } | undefined {
  const [, name, inner] = /^STRUCT\("?(\w+)"? (.*)\)$/.exec(type) ?? [];
  if (name === undefined || !wanted.test(name)) return undefined;
  let outermost = inner!;
  while (/\([^()]*\)/.test(outermost)) outermost = outermost.replace(/\([^()]*\)/g, "");
  return outermost.includes(",") ? undefined : { name, type: inner! };
}

/** SQL: a whole number is text without decimals, whatever its type: the id 4711.0 is 4711. */
export function textOf({ sql, type }: Typed): string {
  const text = `CAST(${sql} AS VARCHAR)`;
  if (type.startsWith("DECIMAL")) return `regexp_replace(${text}, '\\.0+$', '')`;
  if (!/^(DOUBLE|FLOAT)$/.test(type)) return text;
  const whole = `TRY_CAST(${sql} AS HUGEINT)`;
  return `CASE WHEN ${whole} = ${sql} THEN CAST(${whole} AS VARCHAR) ELSE ${text} END`;
}
