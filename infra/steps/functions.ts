import { Problem } from "../../contracts/problem.ts";
import type { Cloud } from "../cloud.ts";
import { together } from "../command-line.ts";
import { contentsOf } from "../assemble.ts";
import {
  FUNCTIONS,
  OPTIONAL_FUNCTIONS,
  PERSONALIZE,
  PUSH_CATALOGUE,
  SCORE_REVIEW,
} from "../../contracts/google-names.ts";
import { cpusFor } from "../memory.ts";
import { LABEL, environment, repositoryPath, stamp } from "../names.ts";
import { SCORING_SECONDS } from "../reviews.ts";
import { rolesOf } from "../roles.ts";
import { hasPersonalizer, hasPushes, hasReviews } from "../serving.ts";
import { bind } from "./bindings.ts";
import { unlessMade } from "./storage.ts";

/**
 * `load` builds the snapshot, and `publish` compares it with the serving one: both hold whole
 * models in memory.
 */
const HOLDS_MODELS: readonly Name[] = ["load", "publish"];

/** The functions of nights, and those of optional parts. */
const NAMES = [...FUNCTIONS, ...OPTIONAL_FUNCTIONS] as const;
type Name = (typeof NAMES)[number];

function isWanted(cloud: Cloud, name: Name): boolean {
  if (name === PERSONALIZE) return hasPersonalizer(cloud);
  if (name === PUSH_CATALOGUE) return hasPushes(cloud);
  return name !== SCORE_REVIEW || hasReviews(cloud);
}

/** The facts about a function that a deployment needs. */
export interface Deployed {
  name: string;
  state: string;
  labels?: Record<string, string>;
  serviceConfig?: { availableMemory?: string; environmentVariables?: Record<string, string> };
}

/** The project's functions that have our names. */
export async function findFunctions({ gcloud, steamer }: Cloud): Promise<Map<Name, Deployed>> {
  const all = await gcloud.list<Deployed>("functions", "list", "--v2", `--regions=${steamer.region}`);
  const named = (name: Name) => all.find((each) => each.name.endsWith(`/${name}`));
  return new Map(NAMES.flatMap((name) => (named(name) ? [[name, named(name)!]] : [])));
}

/** Names like `export` are common, so a function without our label is not ours. */
export const isOurs = ({ labels }: { labels?: Record<string, string> }) => labels?.["app"] === "steamer";

/** Deploys the functions if they have changed, all at once, and grants their callers access. */
export async function deployFunctions(cloud: Cloud, folder: string): Promise<void> {
  const there = await findFunctions(cloud);
  for (const [name, found] of there) if (!isOurs(found)) throw taken(name);
  refuseOtherBuckets(cloud, there);
  // Another shop may have users' lists or reviews: what one deploys, the next must not leave out.
  const wanted = NAMES.filter((name) => isWanted(cloud, name) || there.has(name));
  const isActive = (name: Name) => there.get(name)?.state === "ACTIVE";
  const memory = larger(cloud.deploy.loadMemory, there.get("load")?.serviceConfig?.availableMemory);
  const commands = wanted.map((name) => [name, ...flagsOf(cloud, name, memory)]);
  const deployAll = () =>
    together(commands.map((words) => deployOne(cloud, [...words, `--source=${folder}`])));
  const from = stamp(contentsOf(folder), commands);
  await unlessMade(cloud, "functions", from, deployAll, wanted.every(isActive));
  await together(wanted.map((name) => letIn(cloud, name)));
}

function taken(name: string): Problem {
  const next = "deploy to a project, or a region, that has no such function";
  return new Problem({ doing: "Deploying functions", why: `there is a ${name} that is not Steamer's`, next });
}

async function deployOne({ gcloud }: Cloud, words: string[]): Promise<void> {
  await gcloud.change("functions", "deploy", ...words);
}

/**
 * The functions serve all shops of the project: another shop's file must not point them to other
 * buckets.
 */
function refuseOtherBuckets({ steamer }: Cloud, there: Map<Name, Deployed>): void {
  const deployed = there.get("start-run")?.serviceConfig?.environmentVariables ?? {};
  for (const [name, wanted] of [
    ["STEAMER_DATA", steamer.data],
    ["STEAMER_POINTER", steamer.pointer],
  ]) {
    const now = deployed[name];
    if (now === undefined || now === wanted) continue;
    const why = `the functions of this project use ${now} as ${name}, and the settings file says ${wanted}`;
    const next = "name the same buckets in all shops' files, or deploy to another project";
    throw new Problem({ doing: "Deploying functions", why, next });
  }
}

/** The larger need wins: one shop's deployment must not shrink another's memory. */
function larger(wanted: string, deployed: string | undefined): string {
  const MiBs = (memory: string) => Number.parseInt(memory, 10) * (memory.endsWith("Gi") ? 1024 : 1);
  return deployed && /^\d+[MG]i$/.test(deployed) && MiBs(deployed) > MiBs(wanted) ? deployed : wanted;
}

/** What a function needs. */
function sizeOf(name: Name, modelMemory: string) {
  // A model fills a machine, so such an instance takes one request at a time.
  if (HOLDS_MODELS.includes(name))
    return { memory: modelMemory, cpu: cpusFor(modelMemory, "loadMemory"), timeout: 1800, concurrency: 1 };
  // These wait for another service most of the time.
  if (name === PERSONALIZE) return { memory: "512Mi", cpu: 1, timeout: 300, concurrency: 80 };
  if (name === SCORE_REVIEW) return { memory: "512Mi", cpu: 1, timeout: SCORING_SECONDS, concurrency: 80 };
  // A million items take 1.6 GB, and the catalogue's copy is in memory too.
  if (name === PUSH_CATALOGUE) return { memory: "4Gi", cpu: 1, timeout: 300, concurrency: 1 };
  // It reads a shop's reviews in one request, which takes minutes for a million.
  const timeout = name === "export" ? 1800 : 300;
  return { memory: "1Gi", cpu: 1, timeout, concurrency: 10 };
}

function flagsOf({ email, steamer }: Cloud, name: Name, modelMemory: string): string[] {
  const { project, region, data, pointer } = steamer;
  const { memory, cpu, timeout, concurrency } = sizeOf(name, modelMemory);
  return [
    "--gen2",
    `--region=${steamer.region}`,
    "--runtime=nodejs24",
    `--entry-point=${name}`,
    "--trigger-http",
    "--no-allow-unauthenticated",
    `--update-labels=${LABEL}`,
    // Tasks and Scheduler count as internal only at a function's run.app address, which is unknown
    // beforehand. IAM and the function itself check the callers.
    "--ingress-settings=all",
    `--service-account=${email(name)}`,
    `--build-service-account=projects/${steamer.project}/serviceAccounts/${email("build")}`,
    `--docker-repository=${repositoryPath(steamer.region, steamer.project)}`,
    `--memory=${memory}`,
    `--cpu=${cpu}`,
    `--timeout=${timeout}s`,
    `--concurrency=${concurrency}`,
    "--max-instances=10",
    environment({ project, region, data, pointer }),
  ];
}

async function letIn(cloud: Cloud, name: Name): Promise<void> {
  const { gcloud, steamer, deploy, email } = cloud;
  const accounts = rolesOf(cloud).invokers[name];
  const members = accounts.map((account) => `serviceAccount:${email(account)}`);
  const wanted = [...members, ...(name === "runs" ? deploy.operators : [])];
  const service = {
    group: ["run", "services"],
    name,
    flags: [`--region=${steamer.region}`],
    conditions: false,
  };
  await bind(
    gcloud,
    service,
    wanted.map((member) => ({ member, role: "roles/run.invoker" })),
  );
}
