import { Type, type TSchema } from "typebox";
import { EVENTS } from "../interactions.ts";

export const number = (description: string, value: number, minimum: number, maximum: number) =>
  Type.Number({ description, default: value, minimum, maximum });
export const integer = (description: string, value: number, minimum: number, maximum: number) =>
  Type.Integer({ description, default: value, minimum, maximum });
export const choice = <const T extends readonly [string, ...string[]]>(description: string, choices: T) =>
  Type.Unsafe<T[number]>(Type.String({ description, default: choices[0], enum: [...choices] }));

export const weights = (description: string, values: [number, number, number]) =>
  Type.Object(
    Object.fromEntries(
      EVENTS.map((event) => [event, Type.Number({ minimum: 0, maximum: 1000 })]),
    ) as unknown as Record<(typeof EVENTS)[number], ReturnType<typeof Type.Number>>,
    {
      description,
      default: Object.fromEntries(EVENTS.map((event, k) => [event, values[k]])),
      additionalProperties: false,
    },
  );

export const mapping = (description: string, keys: string, values = "^.{1,256}$") =>
  Type.Record(Type.String({ pattern: keys }), Type.String({ pattern: values }), {
    description,
    default: {},
    additionalProperties: false,
  });

export const listOf = (pattern: string, description: string) =>
  Type.Array(Type.String({ pattern }), { description, default: [], maxItems: 1000 });

/** A short name of Google Cloud: a project, region, machine type or time zone. */
export const name = (description: string, value?: string) =>
  Type.String({
    description,
    pattern: "^[A-Za-z0-9][A-Za-z0-9._/+:-]{0,99}$",
    ...(value === undefined ? {} : { default: value }),
  });

const SHAPING = new WeakSet<object>();

/**
 * Marks a setting that shapes a model. An interrupted run continues only with equal values of these
 * settings.
 */
export function shaping<T extends object>(schema: T): T {
  SHAPING.add(schema);
  return schema;
}

/** The names of the given settings that shape a model. */
export const shapingNames = (settings: Record<string, object>): string[] =>
  Object.keys(settings).filter((name) => SHAPING.has(settings[name]));

/** A setting's schema without its range: for what was checked as a setting. */
export function bare(schema: TSchema): TSchema {
  const { type, enum: choices, properties } = schema as Bare;
  if (choices) return Type.Unsafe({ enum: choices });
  if (!properties) return Type.Unsafe({ type });
  return Type.Object(
    Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, bare(property)])),
  );
}

interface Bare {
  type: string;
  enum?: string[];
  properties?: Record<string, TSchema>;
}
