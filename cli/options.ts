import { Command, Option } from "commander";
import { Settings } from "../contracts/settings/settings.ts";
import { flagOf, readSettings, type SettingName } from "../adapters/settings.ts";

/** The settings that belong together, as commands offer them. */
export const SETTING_GROUPS = {
  shop: ["shop", "data", "pointer"],
  events: ["events", "map", "eventNames", "identity", "lastDay", "days", "allowMissingDays", "rejectLimit"],
  similarity: [
    "mode",
    "vectors",
    "eventWeights",
    "cap",
    "minSupport",
    "shrinkage",
    "alpha",
    "top",
    "threshold",
    "gamma",
    "seed",
    "threads",
  ],
  model: ["minItems", "minCoverage", "minOverlap", "keepModels", "leaseSeconds"],
  query: ["queryWeights", "togetherWeights", "includeInput"],
  cloud: [
    "project",
    "region",
    "dataset",
    "location",
    "maximumBytesBilled",
    "exportFormat",
    "timeZone",
    "tableDeadline",
    "stageLimitMinutes",
    "lookSeconds",
    "engine",
    "maxPairs",
    "stores",
    "clusterMachine",
    "clusterWorkers",
    "clusterSpotWorkers",
    "loadMachine",
    "loadWorkers",
    "subnetwork",
    "functionsUrl",
    "endpoints",
  ],
  server: [
    "store",
    "lookupMs",
    "host",
    "port",
    "access",
    "origins",
    "docs",
    "page",
    "maxConnections",
    "maxConcurrent",
    "opsHost",
    "opsPort",
    "tokenKeyFile",
  ],
} as const satisfies Record<string, readonly SettingName[]>;
export type SettingGroup = keyof typeof SETTING_GROUPS;

const PLACEHOLDERS: Partial<Record<SettingName, string>> = {
  events: "<path...>",
  map: "<column=name,...>",
  eventNames: "<name=event,...>",
  eventWeights: "<view,cart,purchase>",
  queryWeights: "<view,cart,purchase|uniform>",
  togetherWeights: "<view,cart,purchase|uniform>",
  origins: "<origin...>",
  lastDay: "<yyyy-mm-dd>",
};

/** Adds the settings of these groups to a command, as options made from their schema. */
export function withSettings(command: Command, ...groups: SettingGroup[]): Command {
  for (const group of groups) {
    for (const name of SETTING_GROUPS[group]) command.addOption(optionOf(name).helpGroup(`${title(group)}:`));
  }
  return command.option("--config <file>", "settings file (default: steamer.json, if it is there)");
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

/** A default as one would type it. */
export function shown(value: unknown): string {
  return typeof value === "object" && value !== null ? Object.values(value).join(",") : String(value);
}

/** What the command line gave, turned into settings. */
export function settingsOf(options: Record<string, unknown>, defaults: Partial<Settings> = {}): Settings {
  const flags = Object.fromEntries(Object.entries(options).filter(([name]) => name in Settings.properties));
  const file = options["config"] as string | undefined;
  return readSettings({ flags, defaults, ...(file ? { file } : {}) });
}
