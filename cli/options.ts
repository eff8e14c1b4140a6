import { Command, Option } from "commander";
import {
  SETTING_GROUPS,
  Settings,
  type SettingGroup,
  type SettingName,
} from "../contracts/settings/settings.ts";
import { TABLE_KNOBS } from "../contracts/settings/similarity.ts";
import { MAIN_TABLE, TABLE_NAMES } from "../contracts/tables.ts";
import { flagOf, readSettings, type Given, type SettingSources } from "../adapters/settings.ts";
import { tunedSettings } from "../adapters/tuned-settings.ts";

const PLACEHOLDERS: Partial<Record<SettingName, string>> = {
  events: "<path...>",
  map: "<column=name,...>",
  catalogue: "<file>",
  catalogueMap: "<column=name,...>",
  eventNames: "<name=event,...>",
  ga4Streams: "<id,...>",
  ga4Hosts: "<host,...>",
  missingIds: "<word=meaning,...>",
  orderStatuses: "<status=meaning,...>",
  timeFormat: "<format>",
  undated: "<yyyy-mm-dd>",
  eventWeights: "<view,cart,purchase>",
  queryWeights: "<view,cart,purchase|uniform>",
  togetherWeights: "<view,cart,purchase|uniform>",
  origins: "<origin...>",
  shops: "<shop,...>",
  lastDay: "<yyyy-mm-dd>",
};

/** Adds the settings of these groups to a command, as options made from their schema. */
export function withSettings(command: Command, ...groups: SettingGroup[]): Command {
  for (const group of groups) {
    for (const name of namesOf(group)) command.addOption(optionOf(name).helpGroup(`${title(group)}:`));
    if (group === "similarity") withTableKnobs(command);
  }
  return command.option("--config <file>", "settings file (default: steamer.json, if it is there)");
}

/** Adds some settings of other groups, below the heading of this one. */
export function withSome(command: Command, heading: string, ...names: SettingName[]): Command {
  for (const name of names) command.addOption(optionOf(name).helpGroup(`${heading}:`));
  return command;
}

/** The names of a group's settings, without those of one table: see `withTableKnobs`. */
export const namesOf = (group: SettingGroup) =>
  (Object.keys(SETTING_GROUPS[group]) as SettingName[]).filter((name) => !(name in TABLE_KNOBS));

/** Every knob can be set for one table. The help says so once instead of listing them again. */
function withTableKnobs(command: Command): void {
  for (const name of Object.keys(TABLE_KNOBS) as SettingName[]) command.addOption(optionOf(name).hideHelp());
  const tables = TABLE_NAMES.join(", ");
  const example = flagOf(`${MAIN_TABLE}.shrinkage`);
  command.addHelpText("after", `\nSimilarity can be set for one table (${tables}): ${example} 10`);
}

const title = (group: string) => group[0].toUpperCase() + group.slice(1);

function optionOf(name: SettingName): Option {
  const schema = Settings.properties[name] as unknown as {
    type?: string;
    description: string;
    default?: unknown;
    enum?: string[];
  };
  const flag = flagOf(name);
  if (schema.type === "boolean") return new Option(flag, schema.description);
  const placeholder = PLACEHOLDERS[name] ?? (schema.enum ? `<${schema.enum.join("|")}>` : `<${schema.type}>`);
  return new Option(`${flag} ${placeholder}`, describe(schema));
}

function describe({ description, default: value }: { description: string; default?: unknown }): string {
  const empty =
    value === undefined || (typeof value === "object" && Object.keys(value as object).length === 0);
  return empty ? description : `${description} (default: ${shown(value)})`;
}

/** A default as a person would type it. */
export function shown(value: unknown): string {
  return typeof value === "object" && value !== null ? Object.values(value).join(",") : String(value);
}

/** Turns the command line's options into settings. */
export function settingsOf(options: Record<string, unknown>, defaults: Partial<Settings> = {}): Settings {
  return readSettings(sourcesOf(options, defaults));
}

/** The same, with what was tuned on its own data, and the names of what the operator gave. */
export const tunedSettingsOf = (
  options: Record<string, unknown>,
  defaults: Partial<Settings> = {},
): Promise<Given> => tunedSettings(sourcesOf(options, defaults));

function sourcesOf(options: Record<string, unknown>, defaults: Partial<Settings>): SettingSources {
  const flags = Object.fromEntries(Object.entries(options).filter(([name]) => name in Settings.properties));
  const file = options["config"] as string | undefined;
  return { flags, defaults, ...(file ? { file } : {}) };
}
