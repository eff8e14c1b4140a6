import { readFileSync } from "node:fs";
import { Type, type Static, type TSchema } from "typebox";
import { Value } from "typebox/value";
import { Problem } from "../contracts/problem.ts";
import { Settings } from "../contracts/settings/settings.ts";
import { SHOP_PATTERN } from "../contracts/settings/shop.ts";
import { faultOfMemory } from "./memory.ts";
import { personalizerName, recommenderName } from "./names.ts";
import { faultOfReviews } from "./reviews.ts";
import { faultOfSchedule } from "./schedule-syntax.ts";
import { faultOfShops } from "./served-shops.ts";
import { hasPersonalizer } from "./serving.ts";

const ACCOUNTS = ["user", "group", "serviceAccount", "domain"];
const member = `^((${ACCOUNTS.map(inAnyCase).join("|")}):|principal(Set)?://)[^\\s,]{1,250}$`;
const members = (description: string) =>
  Type.Array(Type.String({ pattern: member }), { description, default: [], maxItems: 100 });

/** A pattern for a word, whatever the case of its letters. */
function inAnyCase(word: string): string {
  return word.replace(/[a-z]/gi, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`);
}

const memory = (description: string, value: string) =>
  Type.String({ description, default: value, pattern: "^[0-9]+[MG]i$" });

/** Settings for the deployment alone: the key `deploy` of the settings file. */
export const DeploySettings = Type.Object(
  {
    schedule: Type.String({
      description:
        "when start-run is called, in the shop's time zone: hourly, as long as yesterday's table may come",
      default: "5 1-22 * * *",
      pattern: "^\\S+( \\S+){4}$",
    }),
    catalogueSchedule: Type.Optional(
      Type.String({
        description: "when availability and prices of steamer.catalogue are pushed, in the shop's time zone",
        pattern: "^\\S+( \\S+){4}$",
      }),
    ),
    access: Type.Unsafe<"iam" | "keys">(
      Type.String({
        description: "who may call the recommender: callers (iam), or who has a key of `steamer keys` (keys)",
        default: "iam",
        enum: ["iam", "keys"],
      }),
    ),
    servedBy: Type.Optional(
      Type.String({
        description: "the shop whose recommender serves this one too; its steamer.shops names both",
        pattern: SHOP_PATTERN,
      }),
    ),
    callers: members("access iam: who may call the recommender"),
    operators: members(
      "who may call `runs`, roll back, take items down, give keys and see the operator's page",
    ),
    alertEmails: Type.Array(Type.String({ pattern: "^[^\\s@,]+@[^\\s@,]+$" }), {
      description: "who is told of failed nights, old models, and faults of personal lists and reviews",
      default: [],
    }),
    minInstances: Type.Integer({ description: "recommender: instances kept", default: 1, minimum: 0 }),
    maxInstances: Type.Integer({ description: "recommender: most instances", default: 5, minimum: 1 }),
    personalizer: Type.Boolean({
      description: "personal recommendations, where the nights make factors; false: none",
      default: true,
    }),
    // It works behind a queue: nobody waits while its first instance starts.
    personalizerMinInstances: Type.Integer({
      description: "Personalizer: instances kept",
      default: 0,
      minimum: 0,
    }),
    personalizerMaxInstances: Type.Integer({
      description: "Personalizer: most instances",
      default: 3,
      minimum: 1,
    }),
    // It works behind a queue, too.
    inferenceMinInstances: Type.Integer({
      description: "inference service: instances kept",
      default: 0,
      minimum: 0,
    }),
    inferenceMaxInstances: Type.Integer({
      description: "inference service: most instances",
      default: 3,
      minimum: 1,
    }),
    inferenceMemory: memory("memory of the inference service", "2Gi"),
    loadMemory: memory("memory of the function that builds the snapshot", "4Gi"),
  },
  { additionalProperties: false },
);
export type DeploySettings = Static<typeof DeploySettings>;

/** The settings that a deployment requires. */
export type CloudSettings = Settings & { project: string; dataset: string; pointer: string };

/** A settings file, read and checked. */
export interface Deployment {
  /** The settings as written in the file: they are uploaded for the functions. */
  given: Partial<Settings>;
  steamer: CloudSettings;
  deploy: DeploySettings;
  dataBucket: string;
  pointerBucket: string;
}

/**
 * Reads `{steamer, deploy}`: the shop's settings (docs/configuration.md) and the deployment's.
 * @throws Problem that names the key that does not fit.
 */
export function readDeployment(file: string): Deployment {
  const refuse = refusal(file);
  const parsed = readJson(file, refuse);
  const { steamer: given = {}, deploy = {}, ...others } = parsed;
  const [other] = Object.keys(others);
  if (other) throw refuse(`there is no key ${other}`, "it has two: steamer and deploy");
  const steamer = fill("steamer", Settings, given, refuse) as CloudSettings;
  const settings = withMembers(fill("deploy", DeploySettings, deploy, refuse) as DeploySettings);
  for (const name of ["project", "dataset", "pointer"] as const) {
    if (!steamer[name])
      throw refuse(`steamer.${name} is missing`, "infra/settings/example.json has an example");
  }
  checkPlaces(steamer, refuse);
  checkName({ steamer, deploy: settings }, refuse);
  checkAccess(given, settings, refuse);
  checkSchedules(steamer, settings, refuse);
  checkInstances(settings, refuse);
  checkDeadline(steamer, settings, refuse);
  checkPushes(steamer, settings, refuse);
  const fault =
    faultOfShops(steamer, { steamer: given, deploy }) ?? faultOfReviews({ given, steamer, deploy: settings });
  if (fault) throw refuse(fault.why, fault.next);
  const bucket = (url: string) => url.slice("gs://".length);
  return {
    given,
    steamer,
    deploy: settings,
    dataBucket: bucket(steamer.data),
    pointerBucket: bucket(steamer.pointer),
  };
}

type Refusal = (why: string, next: string, cause?: unknown) => Problem;
const refusal =
  (file: string): Refusal =>
  (why, next, cause) =>
    new Problem({ doing: `Reading the settings file ${file}`, why, next, cause });

function readJson(file: string, refuse: Refusal): Record<string, object> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Record<string, object>;
    throw new Error("it is not a JSON object");
  } catch (cause) {
    throw refuse((cause as Error).message, "copy infra/settings/example.json and edit the copy", cause);
  }
}

function fill(key: string, schema: TSchema, given: object, refuse: Refusal): object {
  const properties = (schema as unknown as { properties: Record<string, { default?: unknown }> }).properties;
  const defaults = Object.entries(properties).filter(([, { default: value }]) => value !== undefined);
  const values = { ...Object.fromEntries(defaults.map(([name, it]) => [name, it.default])), ...given };
  const unknown = Object.keys(given).find((name) => !(name in properties));
  if (unknown)
    throw refuse(
      `there is no setting ${key}.${unknown}`,
      "docs/configuration.md and infra/README.md list them",
    );
  const [error] = Value.Errors(schema, values);
  if (!error) return values;
  const name = `${key}${error.instancePath.replaceAll("/", ".")}`;
  throw refuse(
    `${name} does not fit: it ${error.message}`,
    "docs/configuration.md and infra/README.md list them",
  );
}

/**
 * Data that moves between the dataset, the buckets and the region stays in one part of the world.
 */
function checkPlaces(steamer: CloudSettings, refuse: Refusal): void {
  const { data, pointer, region, location } = steamer;
  const isBucket = /^gs:\/\/[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(data);
  if (!isBucket) throw refuse(`steamer.data is ${data}`, "in a deployment it is a bucket: gs://<bucket>");
  if (data === pointer) {
    throw refuse(
      "steamer.data and steamer.pointer are the same bucket",
      "few may write the pointer: name two",
    );
  }
  if (/^[a-z]+-[a-z]+\d+-[a-z]$/.test(region)) {
    throw refuse(`steamer.region ${region} is a zone`, `name its region: ${region.slice(0, -2)}`);
  }
  if (!isWithin(region, location)) {
    const next = `choose a region in ${location}: clusters and functions run there, and read what the dataset exports`;
    throw refuse(`steamer.region ${region} is not in steamer.location ${location}`, next);
  }
}

/** Cloud Run's names have at most 49 characters. */
function checkName(served: Parameters<typeof hasPersonalizer>[0], refuse: Refusal): void {
  const { shop } = served.steamer;
  if (shop.endsWith("-"))
    throw refuse(`steamer.shop ${shop} ends in a dash`, "Cloud Run and Cloud Scheduler take no such names");
  const refuseName = (next: string) => refuse(`steamer.shop ${shop} is too long`, next);
  if (recommenderName(shop).length > 49) throw refuseName("Cloud Run's names leave 29 characters for it");
  if (hasPersonalizer(served) && personalizerName(shop).length > 49)
    throw refuseName("a Personalizer's leaves 28 for it: set deploy.personalizer to false");
}

/** Cloud Scheduler would refuse them at the end of a deployment. */
function checkSchedules({ timeZone }: CloudSettings, deploy: DeploySettings, refuse: Refusal): void {
  for (const name of ["schedule", "catalogueSchedule"] as const) {
    const fault = deploy[name] === undefined ? undefined : faultOfSchedule(deploy[name]);
    const next = "write minute, hour, day, month and day of the week: 5 1-22 * * *";
    if (fault) throw refuse(`deploy.${name} is no schedule: ${fault}`, next);
  }
  try {
    Intl.DateTimeFormat("en", { timeZone });
  } catch (cause) {
    const next = "write it as GA4's property has it: America/New_York";
    throw refuse(`steamer.timeZone ${timeZone} is no time zone`, next, cause);
  }
}

/** Instances and machines that Cloud Run does not have. */
function checkInstances(deploy: DeploySettings, refuse: Refusal): void {
  for (const [min, max] of [
    ["minInstances", "maxInstances"],
    ["personalizerMinInstances", "personalizerMaxInstances"],
    ["inferenceMinInstances", "inferenceMaxInstances"],
  ] as const) {
    if (deploy[min] <= deploy[max]) continue;
    throw refuse(
      `deploy.${min} ${deploy[min]} is above deploy.${max} ${deploy[max]}`,
      "make it the smaller one",
    );
  }
  for (const name of ["inferenceMemory", "loadMemory"] as const) {
    const fault = faultOfMemory(deploy[name]);
    if (fault) throw refuse(`deploy.${name} is ${deploy[name]}: ${fault}`, "set it from 512Mi to 32Gi");
  }
}

/** Members as IAM writes them: it compares text, and mails in small letters. */
function withMembers(deploy: DeploySettings): DeploySettings {
  const canonical = (given: string) => {
    const [, kind = "", name = ""] = /^([a-z]+):(?!\/\/)(.*)$/i.exec(given) ?? [];
    const known = ACCOUNTS.find((each) => each.toLowerCase() === kind.toLowerCase());
    return known ? `${known}:${name.toLowerCase()}` : given;
  };
  const [callers, operators] = [deploy.callers.map(canonical), deploy.operators.map(canonical)];
  return { ...deploy, callers, operators };
}

/**
 * A deadline after the last call of the night would never be seen: the nights would wait silently
 * for a missing table.
 */
function checkDeadline(
  { tableDeadline }: CloudSettings,
  { schedule }: DeploySettings,
  refuse: Refusal,
): void {
  const [minute, hours] = schedule.split(" ");
  const last = /^(?:[\d,*/-]*[,-])?(\d{1,2})$/.exec(hours)?.[1];
  if (last === undefined || !/^\d{1,2}$/.test(minute)) return;
  const call = `${last.padStart(2, "0")}:${minute.padStart(2, "0")}`;
  if (tableDeadline <= call) return;
  const why = `steamer.tableDeadline ${tableDeadline} comes after the last call of deploy.schedule, ${call}`;
  throw refuse(why, "set it earlier, or let the schedule go on longer");
}

function checkPushes(
  { catalogue }: CloudSettings,
  { catalogueSchedule }: DeploySettings,
  refuse: Refusal,
): void {
  if (catalogueSchedule === undefined || catalogue !== undefined) return;
  throw refuse("deploy.catalogueSchedule is set, and steamer.catalogue is not", "set both, or neither");
}

/** True when a region lies in a location of BigQuery or Cloud Storage: `europe-west1` in `EU`. */
export function isWithin(region: string, location: string): boolean {
  const prefix = { us: "us-", eu: "europe-" }[location.toLowerCase()];
  return prefix ? region.startsWith(prefix) : region === location.toLowerCase();
}

/**
 * `steamer.access` is for one's own machine, where it may be open. Any other value must be the same
 * on Google Cloud.
 */
function checkAccess({ access: own }: Partial<Settings>, { access }: DeploySettings, refuse: Refusal): void {
  if (own === undefined || own === "open" || own === access) return;
  const next = "a deployment goes by deploy.access: leave steamer.access out, or make them the same";
  throw refuse(`steamer.access is ${own}, and deploy.access ${access}`, next);
}
