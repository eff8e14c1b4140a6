import type { FastifyError, FastifyRequest, FastifySchemaValidationError } from "fastify";

/** The parts of a schema that the message needs. */
export interface Described {
  description?: string;
  properties?: Record<string, Described>;
  items?: Described;
}

/** Says which part of a request does not fit its schema, what it is, and what there is. */
export function schemaFault(
  { validation, validationContext }: FastifyError,
  request: FastifyRequest,
): { field: string; detail: string } {
  const part = PARTS[validationContext ?? "body"];
  const { [VALUES[part]]: whole } = request as unknown as Record<string, unknown>;
  const schema = request.routeOptions.schema?.[part] as Described | undefined;
  return faultOf(validation![0], { part, schema, whole });
}

/** A value that does not fit its schema, and what it is part of. */
interface Checked {
  part: string;
  schema: Described | undefined;
  whole: unknown;
}

/** Says the same of any value: which part of it does not fit, what it is, and what there is. */
export function faultOf(
  { instancePath, keyword, message = "does not fit", params }: FastifySchemaValidationError,
  { part, schema: all, whole }: Checked,
): { field: string; detail: string } {
  const path = instancePath.split("/").slice(1).map(unescaped);
  const schema = schemaAt(all, path);
  const unknown = params["additionalProperty"] as string | undefined;
  if (unknown !== undefined) {
    const field = [...path, unknown].join(".");
    const known = Object.keys(schema?.properties ?? {}).join(", ");
    const what = part === "querystring" ? "parameter" : "field";
    return { field, detail: `there is no ${what} ${shown(unknown)}; there are ${known}` };
  }
  const missing = params["missingProperty"] as string | undefined;
  if (missing !== undefined) {
    const field = [...path, missing].join(".");
    return { field, detail: `${field} is missing` };
  }
  const field = path.join(".") || (part === "querystring" ? "query" : part);
  const meaning = schema?.description === undefined ? "" : ` (${schema.description})`;
  const must = keyword === "enum" ? `is one of ${(params["allowedValues"] as string[]).join(", ")}` : message;
  return { field, detail: `${field} is ${shown(valueAt(whole, path))}; it ${must}${meaning}` };
}

const PARTS = { body: "body", querystring: "querystring", params: "params", headers: "headers" } as const;
const VALUES = { body: "body", querystring: "query", params: "params", headers: "headers" } as const;

/** JSON Pointer's way of writing ~ and /. */
const unescaped = (name: string) => name.replaceAll("~1", "/").replaceAll("~0", "~");

function schemaAt(schema: Described | undefined, path: string[]): Described | undefined {
  return path.reduce((at, name) => at?.properties?.[name] ?? at?.items, schema);
}

function valueAt(value: unknown, path: string[]): unknown {
  return path.reduce((at, name) => (at as Record<string, unknown> | undefined)?.[name], value);
}

/** A value as JSON, no longer than a line. What nests may do so deeper than can be written. */
function shown(value: unknown): string {
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "a list" : "an object";
  if (typeof value === "number" && !Number.isFinite(value)) return "too large a number";
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
