import { Problem } from "../../contracts/problem.ts";
import type { Cloud } from "../cloud.ts";
import { together } from "../command-line.ts";
import { contentsOf } from "../assemble.ts";
import { FUNCTIONS, type FunctionName } from "../../contracts/google-names.ts";
import { LABEL, environment, repositoryPath, stamp } from "../names.ts";
import { rolesOf } from "../roles.ts";
import { bind } from "./bindings.ts";
import { unlessMade } from "./storage.ts";

/** Each call looks, starts something and returns; the one that builds the snapshot reads a whole model. */
const SIZES: Partial<Record<FunctionName, { memory?: string; cpu?: number; timeout?: number }>> = {
  load: { cpu: 2, timeout: 1800 },
};

/** A function, as far as a deployment has to know it. */
export interface Deployed {
  name: string;
  state: string;
  labels?: Record<string, string>;
}

/** The project's functions that have our names. */
export async function findFunctions({ gcloud, steamer }: Cloud): Promise<Map<FunctionName, Deployed>> {
  const all = await gcloud.list<Deployed>("functions", "list", "--v2", `--regions=${steamer.region}`);
  const named = (name: FunctionName) => all.find((each) => each.name.endsWith(`/${name}`));
  return new Map(FUNCTIONS.flatMap((name) => (named(name) ? [[name, named(name)!]] : [])));
}

/** Names like `export` are common: what has no label of ours is not ours. */
export const isOurs = ({ labels }: { labels?: Record<string, string> }) => labels?.["app"] === "steamer";

/** Deploys the functions if they have changed, all at once, and lets in who may call them. */
export async function deployFunctions(cloud: Cloud, folder: string): Promise<void> {
  const there = await findFunctions(cloud);
  for (const [name, found] of there) if (!isOurs(found)) throw taken(name);
  const isActive = (name: FunctionName) => there.get(name)?.state === "ACTIVE";
  const commands = FUNCTIONS.map((name) => [name, ...flagsOf(cloud, name)]);
  const deployAll = () =>
    together(commands.map((words) => deployOne(cloud, [...words, `--source=${folder}`])));
  const from = stamp(contentsOf(folder), commands);
  await unlessMade(cloud, "functions", from, deployAll, FUNCTIONS.every(isActive));
  await together(FUNCTIONS.map((name) => letIn(cloud, name)));
}

function taken(name: string): Problem {
  const next = "deploy to a project, or a region, that has no such function";
  return new Problem({ doing: "Deploying functions", why: `there is a ${name} that is not Steamer's`, next });
}

async function deployOne({ gcloud }: Cloud, words: string[]): Promise<void> {
  await gcloud.change("functions", "deploy", ...words);
}

function flagsOf({ email, steamer, deploy }: Cloud, name: FunctionName): string[] {
  const { project, region, data, pointer } = steamer;
  const { memory = "1Gi", cpu = 1, timeout = 300 } = SIZES[name] ?? {};
  return [
    ...["--gen2", `--region=${steamer.region}`, "--runtime=nodejs24", `--entry-point=${name}`],
    ...["--trigger-http", "--no-allow-unauthenticated", `--update-labels=${LABEL}`],
    // Operators call `runs` from where they are; Tasks and Scheduler count as internal.
    `--ingress-settings=${name === "runs" ? "all" : "internal-only"}`,
    `--service-account=${email(name)}`,
    `--build-service-account=projects/${steamer.project}/serviceAccounts/${email("build")}`,
    `--docker-repository=${repositoryPath(steamer.region, steamer.project)}`,
    ...[`--memory=${name === "load" ? deploy.loadMemory : memory}`, `--cpu=${cpu}`, `--timeout=${timeout}s`],
    // The snapshot fills a machine: one shop's at a time.
    ...[`--concurrency=${name === "load" ? 1 : 10}`, "--max-instances=10"],
    environment({ project, region, data, pointer }),
  ];
}

async function letIn(cloud: Cloud, name: FunctionName): Promise<void> {
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
