import {
  SETTING_GROUPS,
  Settings,
  type SettingGroup,
  type SettingName,
} from "../contracts/settings/settings.ts";
import { TABLE_NAMES } from "../contracts/tables.ts";
import { namesOf, shown } from "./options.ts";
import { flagOf } from "../adapters/settings.ts";
import { variableOf } from "../contracts/settings/variable.ts";

interface Described {
  description: string;
  default?: unknown;
  enum?: string[];
  type?: string | string[];
  minimum?: number;
  maximum?: number;
}

const HEAD = `# Configuration

<!-- Made from contracts/settings/ by \`npm run generate\`: change it there. -->

Every setting can be given as a flag, as an environment variable, or as a key of a JSON settings file
(\`steamer.json\`, or the file that \`--config\` names). The first that is given counts, in this order:
flag, environment, file, default. \`PORT\` stands for \`STEAMER_PORT\`.

A list is written \`a b\` as a flag and \`a,b\` in the environment. A mapping is written
\`view=view_item,buy=purchase\`. Weights are written \`0.5,2,6\` (view, cart, purchase).
`;

/** docs/configuration.md, made from the settings' schema. */
export function configurationReference(): string {
  const sections = (Object.keys(SETTING_GROUPS) as SettingGroup[]).map((group) => {
    const rows = namesOf(group).map(row);
    const title = group[0].toUpperCase() + group.slice(1);
    const more = group === "similarity" ? `\n${oneTable()}` : "";
    return `## ${title}\n\n| Setting | Meaning | Default | Possible |\n| --- | --- | --- | --- |\n${rows.join("\n")}\n${more}`;
  });
  return [HEAD, ...sections].join("\n");
}

function oneTable(): string {
  const tables = TABLE_NAMES.map((name) => `\`${name}\``).join(", ");
  const example = "similar.minSupport";
  return `Each of these but \`threads\` can be set for one table alone (${tables}), which counts there in place of the setting for all:
\`${example}\` is the flag \`${flagOf(example)}\` and the variable \`${variableOf(example)}\`.
`;
}

function row(name: SettingName): string {
  const schema = Settings.properties[name] as unknown as Described;
  const names = `\`${name}\`<br>\`${flagOf(name)}\`<br>\`${variableOf(name)}\``;
  const value = schema.default === undefined ? "" : `\`${shown(schema.default) || "none"}\``;
  return `| ${names} | ${schema.description.replaceAll("|", "\\|").replaceAll("<", "&lt;")} | ${value} | ${possible(schema)} |`;
}

function possible({ enum: choices, minimum, maximum, type }: Described): string {
  if (choices) return choices.map((choice) => `\`${choice}\``).join(", ");
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  if (type === "boolean") return "`true`, `false`";
  return "";
}
