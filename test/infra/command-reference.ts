import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

interface Flag {
  type?: string;
  alias?: string;
  choices?: string[];
  required?: boolean;
  required_in_group?: boolean;
  pattern?: string;
  ge?: number;
  le?: number;
  keys?: string[];
}
interface Group {
  args: (string | Group)[];
  mutex?: boolean;
  required?: boolean;
}
interface Command {
  flags?: Record<string, Flag>;
  positionals?: { name: string; nargs?: string | number; optional?: boolean; pattern?: string }[];
  groups?: Group[];
  short?: Record<string, string>;
  like?: string;
  drop?: string[];
}
interface Reference {
  global_flags: Record<string, Flag>;
  commands: Record<string, Command>;
  bq: { global_flags: Record<string, Flag & { neg?: string }>; commands: Record<string, Command> };
}

const FILE = join(process.env["STEAMER_TEST_FACTS"] ?? "../shared/facts", "gcloud-commands.json");

/** Every command of gcloud and bq with its flags, if the list is present. */
export const reference = existsSync(FILE) ? (JSON.parse(readFileSync(FILE, "utf8")) as Reference) : null;

/** A command's faults, word by word; empty for a correct command. */
export function faultsOf(words: string[], { global_flags, commands, bq }: Reference): string[] {
  const [tool, ...rest] = words;
  if (tool === "bq") return faultsOfBq(rest, bq);
  const depth = [6, 5, 4, 3, 2, 1].find((count) => rest.slice(0, count).join(" ") in commands);
  if (!depth) return ["there is no such command"];
  const command = expand(commands, rest.slice(0, depth).join(" "));
  return check(rest.slice(depth), { ...command, flags: { ...global_flags, ...command.flags } });
}

/** `beta X` is often X with other flags. */
function expand(commands: Record<string, Command>, name: string): Command {
  const { like, drop = [], ...own } = commands[name];
  if (!like) return own;
  const base = expand(commands, like);
  const flags = { ...base.flags, ...own.flags };
  for (const flag of drop) delete flags[flag];
  return { ...base, ...own, flags };
}

function faultsOfBq(words: string[], { global_flags, commands }: Reference["bq"]): string[] {
  const at = words.findIndex((word) => !word.startsWith("-"));
  const command = commands[words[at]];
  if (!command) return [`there is no command ${words[at]}`];
  const named = (flag: string) => flag.replace(/=.*/, "");
  const before = words.slice(0, at).filter((word) => !(named(word) in global_flags));
  const after = words
    .slice(at + 1)
    .filter((word) => word.startsWith("-") && !(named(word) in command.flags!));
  return [...before, ...after].map((word) => `there is no flag ${word}`);
}

function check(words: string[], { flags = {}, positionals = [], groups = [] }: Command): string[] {
  const given = new Map<string, string | null>();
  const others: string[] = [];
  for (const word of words) {
    const [, name, value] = /^(--[\w-]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (!name) others.push(word);
    else given.set(flags[name]?.alias ?? name, value ?? null);
  }
  const least = positionals.filter(
    ({ nargs, optional }) => !optional && nargs !== "*" && nargs !== "?",
  ).length;
  const most = positionals.some(({ nargs }) => nargs === "*" || nargs === "+")
    ? Infinity
    : positionals.length;
  const isGiven = (arg: string | Group): boolean => {
    if (typeof arg !== "string") return arg.args.some(isGiven);
    const place = positionals.findIndex(({ name }) => name === arg);
    return place >= 0 ? others.length > place : given.has(arg) || given.has(arg.replace(/^--/, "--no-"));
  };
  return [
    ...[...given].flatMap(([name, value]) => faultsOfFlag(name, value, flags[name])),
    ...Object.entries(flags)
      .filter(([name, flag]) => flag.required && !isGiven(name))
      .map(([name]) => `${name} is missing`),
    ...(others.length < least || others.length > most
      ? [`${others.length} arguments: ${others.join(" ")}`]
      : []),
    ...groups.flatMap((group) => faultsOfGroup(group, isGiven, flags)),
  ];
}

function faultsOfFlag(name: string, value: string | null, flag: Flag | undefined): string[] {
  if (!flag) return [`there is no flag ${name}`];
  if (flag.type === "bool") return value === null ? [] : [`${name} takes no value`];
  if (value === null) return [`${name} has no value`];
  const choice = flag.choices && !flag.choices.some((each) => each.toLowerCase() === value.toLowerCase());
  const number = flag.type === "int" && !(/^-?\d+$/.test(value) && Number(value) >= (flag.ge ?? -Infinity));
  const pattern = flag.pattern && !new RegExp(flag.pattern.replaceAll("(?P<", "(?<")).test(value);
  const keys = flag.keys && value !== "None" && !partsOf(value).every((key) => flag.keys!.includes(key));
  return choice || number || pattern || keys ? [`${name} may not be ${value}`] : [];
}

/** The names in `a=1,b=2`, or in `^;;^a=1;;b=2,3`. */
function partsOf(value: string): string[] {
  const [, between = ",", parts] = /^(?:\^(.+?)\^)?(.*)$/s.exec(value)!;
  return parts.split(between).map((part) => part.split("=")[0]);
}

function faultsOfGroup(
  group: Group,
  isGiven: (arg: string | Group) => boolean,
  flags: Record<string, Flag>,
): string[] {
  const used = group.args.filter(isGiven);
  const shown = JSON.stringify(group.args);
  const needed = group.args.filter(
    (arg) => typeof arg === "string" && flags[arg]?.required_in_group && !isGiven(arg),
  );
  return [
    ...(group.mutex && used.length > 1 ? [`only one may be given of ${shown}`] : []),
    ...(group.required && used.length === 0 ? [`one must be given of ${shown}`] : []),
    ...(!group.mutex && used.length > 0 ? needed.map((arg) => `${String(arg)} is missing`) : []),
    ...used.flatMap((arg) => (typeof arg === "string" ? [] : faultsOfGroup(arg, isGiven, flags))),
  ];
}
