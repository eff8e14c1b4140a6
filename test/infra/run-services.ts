import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deployedSettings } from "../../adapters/deployed-settings.ts";
import { readSettings } from "../../adapters/settings.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { openCloud } from "../../infra/cloud.ts";
import type { Execute } from "../../infra/command-line.ts";
import { readDeployment } from "../../infra/deployment.ts";
import { removeUnwanted } from "../../infra/steps/grpc-services.ts";
import { deployInference } from "../../infra/steps/inference.ts";
import { deployPersonalizer } from "../../infra/steps/personalizer.ts";
import { deployRecommender } from "../../infra/steps/recommender.ts";
import { schedule } from "../../infra/steps/scheduler.ts";
import type { Service } from "../../infra/steps/services.ts";
import { uploadSettings } from "../../infra/steps/settings.ts";
import { makeTokenKey } from "../../infra/steps/token-key.ts";
import { temporaryFolder } from "../temporary.ts";

const folder = temporaryFolder();
export const SHOP = {
  shop: "toys",
  project: "my-project",
  dataset: "analytics_1",
  data: "gs://my-data",
  pointer: "gs://my-pointer",
};

export const RECOMMENDER = "steamer-recommender-toys";
export const PERSONALIZER = "steamer-personalizer-toys";
export const INFERENCE = "steamer-inference-toys";
export const OPERATOR = "steamer-operator-toys";
export interface Change {
  words: string[];
  input: string | undefined;
}
export interface Version {
  name: string;
  state: string;
}

/**
 * A project that has the image, and these versions of the token's key. Deployed services stay for
 * the next deployment.
 */
export function project(versions: Version[] | null = null) {
  const services = new Map<string, Service>();
  const policies = new Map<string, { role: string; members: string[] }[]>();
  /** Jobs of Cloud Scheduler, by name, with the words that made them. */
  const jobs = new Map<string, string[]>();
  /** Objects of buckets, by their URLs. */
  const objects = new Map<string, string>();
  const state = { changes: [] as Change[], failing: false, pinned: false };
  let image = "";
  let made = versions;
  const read = (command: string, name: string): unknown => {
    if (command.startsWith("artifacts")) return [{ version: "sha256:1", tags: [image] }];
    if (command.startsWith("secrets versions list")) return made;
    if (command.startsWith("run services list")) return [...services.values()];
    if (command.startsWith("run services describe")) return services.get(name) ?? null;
    if (command.startsWith("run services get-iam-policy")) return { bindings: policies.get(name) ?? [] };
    if (command.startsWith("storage cat")) return objects.get(name) ?? null;
    if (command.startsWith("scheduler jobs list"))
      return [...jobs].map(([job, words]) => ({
        name: `j/${job}`,
        description: valueOf(words, "description"),
      }));
    return null;
  };
  const job = (verb: string, words: string[]) => {
    if (verb === "delete") jobs.delete(words[0]);
    else jobs.set(words[1], words);
  };
  const bindings = (verb: string, name: string, words: string[]) => {
    const [role, member] = ["role", "member"].map((flag) => valueOf(words, flag));
    const others = (policies.get(name) ?? []).filter(
      (each) => each.role !== role || each.members[0] !== member,
    );
    policies.set(name, verb.startsWith("add") ? [...others, { role, members: [member] }] : others);
  };
  const run = (verb: string, name: string, words: string[]) => {
    const service = services.get(name) ?? { metadata: { name, annotations: {} } };
    const check = words.find((word) => word.endsWith("invoker-iam-check"));
    if (check) service.metadata.annotations![UNCHECKED] = check.startsWith("--no-") ? "True" : "False";
    services.set(name, service);
    if (verb === "delete") services.delete(name);
    if (verb !== "deploy") return;
    service.spec = {
      template: {
        spec: { containers: [{ env: variablesIn(words).map(([name, value]) => ({ name, value })) }] },
      },
    };
    service.metadata.labels = { stamp: valueOf(words, "labels").replace(/.*stamp=/, "") };
    const revision = `r${state.changes.length}`;
    const before = service.status?.traffic;
    service.status = {
      conditions: [{ type: "Ready", status: state.failing ? "False" : "True" }],
      latestCreatedRevisionName: revision,
      url: `https://${name}-abc-uc.a.run.app`,
      traffic: (state.failing || state.pinned) && before ? before : [{ revisionName: revision }],
    };
  };
  const execute: Execute = async (_tool, words, input) => {
    const command = words.join(" ");
    image = /_IMAGE=\S+:(\w+)/.exec(command)?.[1] ?? image;
    const [verb, name] = words[1] === "services" ? words.slice(2) : words.slice(1);
    if (/\b(list|cat|describe|get-iam-policy)\b/.test(command)) {
      const value = read(command, name);
      return {
        status: value === null ? 1 : 0,
        stdout: typeof value === "string" ? value : JSON.stringify(value),
        stderr: "NOT_FOUND",
      };
    }
    state.changes.push({ words, input });
    if (command.startsWith("scheduler jobs")) job(words[2], words.slice(3));
    if (command.startsWith("storage cp")) objects.set(words[3], readFileSync(words[2], "utf8"));
    if (command.startsWith("secrets versions add"))
      made = [...(made ?? []), { name: `s/versions/${(made?.length ?? 0) + 1}`, state: "ENABLED" }];
    if (words[0] === "run" && verb.endsWith("-binding")) bindings(verb, name, words);
    else if (words[0] === "run") run(verb, name, words);
    return { status: state.failing && verb === "deploy" ? 1 : 0, stdout: "", stderr: "" };
  };

  /** Deploys with these settings; returns the changes. */
  const deploy = async (steamer: object, deploySettings: object = {}): Promise<Change[]> => {
    const file = join(folder, "settings.json");
    writeFileSync(file, JSON.stringify({ steamer: { ...SHOP, ...steamer }, deploy: deploySettings }));
    const cloud = openCloud(readDeployment(file), { execute });
    state.changes = [];
    await makeTokenKey(cloud);
    await deployPersonalizer(cloud, "functions");
    await deployInference(cloud, "inference/model");
    await uploadSettings(cloud);
    await deployRecommender(cloud, "templates");
    await schedule(cloud);
    await removeUnwanted(cloud);
    return state.changes;
  };
  return { state, services, jobs, objects, deploy };
}

export const UNCHECKED = "run.googleapis.com/invoker-iam-disabled";
export const valueOf = (words: string[], flag: string) =>
  words.find((word) => word.startsWith(`--${flag}=`))!.slice(flag.length + 3);

/** Deploys to a project of its own; returns the changes. */
export async function deploy(
  steamer: object,
  deploySettings: object = {},
  versions: Version[] | null = null,
) {
  const changes = await project(versions).deploy(steamer, deploySettings);
  const deployed = (name: string) =>
    changes.find(({ words }) => words.slice(0, 3).join(" ") === `run deploy ${name}`)?.words ?? [];
  const names = [RECOMMENDER, OPERATOR, PERSONALIZER, INFERENCE];
  const [recommender, operator, personalizer, inference] = names.map(deployed);
  return { changes, recommender, operator, personalizer, inference };
}

/** The variables that these flags give to a program. */
function variablesIn(words: string[]): string[][] {
  const [, delimiter, pairs] = /^\^(.)\^(.*)$/s.exec(valueOf(words, "set-env-vars"))!;
  return pairs.split(delimiter).map((pair) => pair.split(/=(.*)/s).slice(0, 2));
}

/** The settings of a program started with these flags, read as its main.ts reads them. */
export function settingsIn(words: string[]): Settings {
  const env = { PORT: "8080", ...(Object.fromEntries(variablesIn(words)) as Record<string, string>) };
  const defaults = { host: "0.0.0.0", access: "iam" } as const;
  return readSettings({ env, file: { path: "none", values: {} }, defaults });
}

/** The settings that functions read of a shop. */
export async function deployedSettingsIn(
  objects: Map<string, string>,
  shop = "toys",
): Promise<Partial<Settings>> {
  const bucket = {
    async get(path: string) {
      const text = objects.get(`gs://my-pointer/${path}`);
      return text === undefined ? null : { data: new TextEncoder().encode(text), generation: "1" };
    },
  };
  return (await deployedSettings(bucket, shop))!.values;
}

/** A value other than the default for every setting of a group. */
export const othersThan = (group: object): Record<string, unknown> => ({
  ...Object.fromEntries(Object.entries(group).map(([name, schema]) => [name, otherThan(schema as Schema)])),
  shops: ["toys", "books"],
});
export interface Schema {
  type: string | string[];
  default?: unknown;
  enum?: string[];
  pattern?: string;
}
function otherThan({ type, default: value, enum: choices, pattern }: Schema): unknown {
  if (choices) return choices[1];
  if (type === "boolean") return !value;
  if (type === "integer") return Number(value ?? 80) + 1;
  if (type === "number") return 0.5;
  if (type === "array") return ["https://shop.example", "https://other.example:8443"];
  if (type === "string") return pattern ? "other:443" : "other";
  return { view_item: 0.25, add_to_cart: 3, purchase: 7 };
}
