import { existsSync, readFileSync } from "node:fs";
import { Value } from "typebox/value";
import { EVENTS } from "../contracts/interactions.ts";
import { Problem } from "../contracts/problem.ts";
import { isOrdered } from "../contracts/methods.ts";
import { knobsOf, lackedByBigQuery, whyNoOrder } from "../contracts/settings/similarity.ts";
import { TABLE_NAMES } from "../contracts/tables.ts";
import { tunedWhereFree } from "./tuned-where-free.ts";
import { variableOf } from "../contracts/settings/variable.ts";
import { defaultsOf, SETTING_NAMES, Settings, type SettingName } from "../contracts/settings/settings.ts";

/** `minSupport` is the flag `--min-support`; `similar.minSupport` is `--similar.min-support`. */
export const flagOf = (name: string) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/**
 * Sources of settings, strongest first: flags, the environment, the settings file, the defaults.
 */
export interface SettingSources {
  /** Values by setting name from the command line: texts, lists of texts, or true. */
  flags?: Partial<Record<SettingName, unknown>>;
  env?: NodeJS.ProcessEnv;
  /** A JSON file, or its content; by default `steamer.json`, if it exists. */
  file?: string | SettingsFile;
  /** Defaults of a command that differ from the schema's. */
  defaults?: Partial<Settings>;
  /** What was found for the shop's own data: it stands where no other source says anything. */
  tuned?: Record<string, unknown>;
}

/** A settings file: the settings themselves, or under the key `steamer` beside a deployment's. */
export interface SettingsFile {
  path: string;
  values: Record<string, unknown>;
}

/**
 * The one place that reads configuration.
 * @throws Problem that names the flag, variable or key that does not fit.
 */
export const readSettings = (sources: SettingSources): Settings => readGiven(sources).settings;

/** The settings, and the names of those that the operator gave. */
export interface Given {
  settings: Settings;
  given: ReadonlySet<string>;
  /** The names of tuned settings that count. */
  tuned: string[];
}

/** @throws Problem as readSettings does. */
export function readGiven({
  flags = {},
  env = process.env,
  file,
  defaults = {},
  tuned = {},
}: SettingSources): Given {
  const values: Record<string, unknown> = { ...defaults };
  const origin = new Map<string, string>();
  const set = (name: string, value: unknown, from: string) => {
    values[name] = value;
    origin.set(name, from);
  };
  const fromFile = typeof file === "object" ? file : readFile(file);
  for (const [name, value] of Object.entries(fromFile.values))
    set(name, value, `${name} in ${fromFile.path}`);
  if (env["PORT"]) set("port", parseSetting("port", env["PORT"]), "PORT");
  for (const name of SETTING_NAMES) {
    const variable = variableOf(name);
    if (env[variable]) set(name, parseSetting(name, env[variable]), variable);
  }
  for (const [name, value] of Object.entries(flags))
    set(name, parseSetting(name as SettingName, value), flagOf(name));
  const found = tunedWhereFree(tuned, values, origin);
  const settings = check({ ...values, ...found }, origin);
  return { settings, given: new Set(origin.keys()), tuned: Object.keys(found) };
}

function readFile(file: string | undefined): SettingsFile {
  const path = file ?? "steamer.json";
  if (!file && !existsSync(path)) return { path, values: {} };
  try {
    const values: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (!isRecord(values)) throw new Error("it is not a JSON object");
    return { path, values: isRecord(values["steamer"]) ? values["steamer"] : values };
  } catch (cause) {
    const next = "mend the file (docs/configuration.md lists the settings) or name another with --config";
    throw new Problem({ doing: `Reading settings from ${path}`, why: (cause as Error).message, next, cause });
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function check(values: Record<string, unknown>, origin: Map<string, string>): Settings {
  const settings: Record<string, unknown> = { ...defaultsOf(SETTING_NAMES), ...values };
  const [error] = Value.Errors(Settings, settings);
  if (!error) return checkMethods(settings as Settings);
  const name = error.instancePath.split("/")[1] ?? "";
  const { description, enum: choices } = (Settings.properties[name as SettingName] ?? {}) as Described;
  const known = description !== undefined;
  const given = JSON.stringify(settings[name as SettingName]);
  const must = choices ? `it is one of ${choices.join(", ")}` : `it ${error.message}`;
  const why = known ? `${given} does not fit: ${must} (${description})` : "there is no such setting";
  const next = "`steamer <command> --help` and docs/configuration.md say what is possible";
  throw new Problem({ doing: `Reading the setting ${origin.get(name) ?? name}`, why, next });
}

/** @throws Problem when a table's method does not go with its other settings, or the engine. */
function checkMethods(settings: Settings): Settings {
  for (const table of TABLE_NAMES) {
    const knobs = knobsOf(settings, table);
    const { method } = knobs;
    const why = isOrdered(method) && whyNoOrder(settings, table);
    if (why)
      throw new Problem({
        doing: `Reading the setting method of the table ${table}`,
        why: `it is ${method}, and ${why}`,
        next: `set ${table}.method to cosine, or leave method out`,
      });
    const lacked = settings.engine === "bigquery" && isInCloud(settings) && lackedByBigQuery(knobs);
    if (lacked) throw new Problem({ doing: `Reading the settings of the table ${table}`, ...lacked });
  }
  return settings;
}

const isInCloud = ({ data }: Settings) => data.startsWith("gs://");

interface Described {
  description?: string;
  enum?: string[];
}

/**
 * Turns a setting's text into its value; the schema check comes later. Any other type stays
 * unchanged.
 */
export function parseSetting(name: SettingName, value: unknown): unknown {
  const schema = Settings.properties[name] as { type?: string | string[]; properties?: object };
  if (typeof value !== "string") return value;
  if (schema.type === "number" || schema.type === "integer") return toNumber(value);
  if (schema.type === "boolean") return value === "true" || (value === "false" ? false : value);
  if (schema.type === "array") return value.split(",");
  if (schema.type?.includes("null") && value === "uniform") return null;
  if (EVENTS[0] in (schema.properties ?? {})) return parseWeights(value);
  if (schema.type === "object") return parsePairs(value);
  return value;
}

/** Text that is not a number stays text, so that the error shows the given value. */
function toNumber(text: string): number | string {
  return text.trim() === "" || Number.isNaN(Number(text)) ? text : Number(text);
}

/** `0.5,2,6` (view, cart, purchase) or `view_item=0.5,add_to_cart=2,purchase=6`. */
function parseWeights(text: string): unknown {
  if (text.includes("=")) {
    return Object.fromEntries(
      Object.entries(parsePairs(text)).map(([event, weight]) => [event, toNumber(weight)]),
    );
  }
  const parts = text.split(",");
  if (parts.length !== EVENTS.length) return text;
  return Object.fromEntries(EVENTS.map((event, k) => [event, toNumber(parts[k])]));
}

/** `a=b,c=d`; the first `=` divides, because a column name may contain another. */
function parsePairs(text: string): Record<string, string> | string {
  if (!text.split(",").every((pair) => pair.includes("="))) return text;
  const divide = (pair: string) => [pair.split("=")[0].trim(), pair.slice(pair.indexOf("=") + 1).trim()];
  return Object.fromEntries(text.split(",").map(divide));
}
