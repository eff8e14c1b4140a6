/** The part of a query's configuration that the stand-in reads. */
export interface Query {
  query: string;
  defaultDataset?: { projectId?: string; datasetId: string };
  queryParameters?: QueryParameter[];
}

interface QueryParameter {
  name?: string;
  parameterValue: { value?: string; arrayValues?: { value: string }[] };
}

export interface TableReference {
  /** project.dataset.table; a wildcard table ends with `*`. */
  table: string;
  /**
   * A test for the suffixes of a wildcard: true for tables that pass the query's constant
   * conditions on _TABLE_SUFFIX.
   */
  suffixes(parameters: Parameters): (suffix: string) => boolean;
}

type Parameters = Map<string, string[]>;

/** Named parameters with their values; a scalar is an array of one. */
export function parametersOf({ queryParameters = [] }: Query): Parameters {
  return new Map(
    queryParameters.map(({ name = "", parameterValue: { value, arrayValues } }) => [
      name,
      arrayValues?.map((element) => element.value) ?? [value ?? ""],
    ]),
  );
}

/**
 * The tables that a statement reads, each once: names after FROM, JOIN and USING that have a
 * dataset.
 */
export function tableReferences(
  sql: string,
  project: string,
  defaults: Query["defaultDataset"],
): TableReference[] {
  const text = withoutComments(sql);
  const names = [
    ...text.matchAll(/\b(?:FROM|JOIN|USING)\s+((?:`[^`]+`|[\w-]+)(?:\.(?:`[^`]+`|[\w*-]+))*)/gi),
  ];
  const paths = names.map(([, name]) => absolute(name!.replaceAll("`", ""), project, defaults));
  const tables = new Set(
    paths.filter((path) => path !== undefined && !/INFORMATION_SCHEMA|__TABLES__/.test(path)),
  );
  return [...tables].map((table) => ({
    table: table!,
    suffixes: (parameters) => suffixTest(text, parameters),
  }));
}

/** The tables whose rows a statement changes. */
export function tablesWritten(sql: string, project: string, defaults: Query["defaultDataset"]): string[] {
  const verbs =
    /\b(?:INSERT(?:\s+INTO)?|MERGE(?:\s+INTO)?|UPDATE|DELETE(?:\s+FROM)?|TRUNCATE\s+TABLE)\s+([`\w.-]+)/gi;
  const names = [...withoutComments(sql).matchAll(verbs)].map(([, name]) => name!.replaceAll("`", ""));
  return names.map((name) => absolute(name, project, defaults)).filter((path) => path !== undefined);
}

/** The targets of a job's EXPORT DATA statements, and if they may overwrite. */
export function exportTargets(sql: string): { uri: string; overwrite: boolean }[] {
  const options = [...withoutComments(sql).matchAll(/\bEXPORT\s+DATA\s+OPTIONS\s*\(([\s\S]*?)\)\s*AS\b/gi)];
  return options.map(([, text]) => ({
    uri: /\buri\s*=\s*(['"])(.*?)\1/i.exec(text!)?.[2] ?? "",
    overwrite: /\boverwrite\s*=\s*true/i.test(text!),
  }));
}

/** The query of an EXPORT DATA statement; other statements as they are. */
export const queryOf = (sql: string): string =>
  withoutComments(sql).replace(/^\s*EXPORT\s+DATA\s+OPTIONS\s*\([\s\S]*?\)\s*AS\b/i, "");

function absolute(name: string, project: string, defaults: Query["defaultDataset"]): string | undefined {
  const parts = name.split(".");
  if (parts.length >= 3) return name;
  if (parts.length === 2) return `${project}.${name}`;
  // A bare name is a common table expression, unless the job has a default dataset.
  return defaults && name !== "UNNEST"
    ? `${defaults.projectId ?? project}.${defaults.datasetId}.${name}`
    : undefined;
}

function suffixTest(sql: string, parameters: Parameters): (suffix: string) => boolean {
  const value = `'[^']*'|"[^"]*"|@\\w+`;
  const read = (text: string) =>
    text.startsWith("@") ? (parameters.get(text.slice(1)) ?? []) : [text.slice(1, -1)];
  const conditions: ((suffix: string) => boolean)[] = [];
  for (const [, operator, right] of sql.matchAll(
    new RegExp(`_TABLE_SUFFIX\\s*(=|[<>]=?)\\s*(${value})`, "gi"),
  )) {
    conditions.push((suffix) => COMPARE[operator!]!(suffix, read(right!)[0] ?? ""));
  }
  for (const [, low, high] of sql.matchAll(
    new RegExp(`_TABLE_SUFFIX\\s+BETWEEN\\s+(${value})\\s+AND\\s+(${value})`, "gi"),
  )) {
    conditions.push((suffix) => suffix >= read(low!)[0]! && suffix <= read(high!)[0]!);
  }
  for (const [, list] of sql.matchAll(/_TABLE_SUFFIX\s+IN\s*(?:UNNEST\s*)?\(([^)]*)\)/gi)) {
    const wanted = new Set([...list!.matchAll(new RegExp(value, "g"))].flatMap(([text]) => read(text)));
    conditions.push((suffix) => wanted.has(suffix));
  }
  return (suffix) => conditions.every((condition) => condition(suffix));
}

const COMPARE: Record<string, (a: string, b: string) => boolean> = {
  "=": (a, b) => a === b,
  "<": (a, b) => a < b,
  ">": (a, b) => a > b,
  "<=": (a, b) => a <= b,
  ">=": (a, b) => a >= b,
};

const withoutComments = (sql: string) => sql.replace(/\/\*[\s\S]*?\*\/|(?:--|#)[^\n]*/g, " ");
