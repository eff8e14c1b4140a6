import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openCloud } from "../../infra/cloud.ts";
import type { Outcome } from "../../infra/command-line.ts";
import { deploy } from "../../infra/deploy.ts";
import { readDeployment, type Deployment } from "../../infra/deployment.ts";
import { METRICS } from "../../infra/metrics.ts";
import { POLICIES } from "../../infra/policies.ts";
import { teardown } from "../../infra/teardown.ts";
import { faultsOf, reference } from "./command-reference.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Every gcloud has it, but the list does not: the test with the installed gcloud runs it. */
const UNLISTED = ["compute regions describe"];

/** A project with no resources, or (`old`) with all of them, made by an older deployment. */
function project(old: boolean) {
  const commands: string[][] = [];
  const tags: string[] = [];
  const lists: Record<string, unknown[]> = {
    "tasks queues list": ["", "-personal", "-reviews"].map((name) => ({ name: `p/queues/steamer${name}` })),
    "scheduler jobs list": ["steamer-my-shop", "steamer_reviews_my-shop", "steamer_catalogue_my-shop"].map(
      (name) => ({
        name: `p/jobs/${name}`,
        description: "old",
      }),
    ),
    "logging metrics list": Object.values(METRICS).map(({ name }) => ({ name, description: "old" })),
    "monitoring policies list": Object.values(POLICIES)
      .flat()
      .map(({ displayName }, k) => ({ name: `p/${k}`, displayName })),
    "beta monitoring channels": [{ name: "p/channels/1", labels: {} }],
    "artifacts repositories list": [{ name: "p/repositories/steamer" }],
    "functions list --v2": [{ name: "p/functions/load", labels: { app: "steamer" } }],
    "run services list": [
      { metadata: { name: "steamer-recommender-my-shop" } },
      { metadata: { name: "steamer-operator-my-shop" } },
      ...ASKED.map((name) => ({ metadata: { name }, status: { url: "https://p.run.app" } })),
    ],
    "secrets list": [{ name: "p/secrets/steamer-token-key-my-shop" }],
    "secrets versions list": [{ name: "p/versions/3", state: "ENABLED" }],
    "logging sinks list": [
      { name: "steamer-attribution-my-shop", filter: "old", writerIdentity: "user:w@x.y" },
    ],
    "firestore databases list": ["(default)", "steamer-lists", "steamer-reviews"].map((name) => ({
      name: `p/databases/${name}`,
      type: "DATASTORE_MODE",
    })),
    "storage buckets list": [{ name: "my-project-steamer", location: "US" }],
    "iam service-accounts list": [{ email: "steamer-load@my-project.iam.gserviceaccount.com" }],
  };
  const answer = (words: string[]): unknown => {
    const command = words.join(" ");
    if (command.startsWith("billing")) return { billingEnabled: true };
    if (command.startsWith("compute networks")) return { privateIpGoogleAccess: true };
    if (command.startsWith("compute regions")) return { quotas: [] };
    if (command.includes("show --dataset") && (old || !/:steamer\w*$/.test(command)))
      return { location: "US", labels: { app: "steamer" } };
    if (command.startsWith("storage objects describe")) return {};
    if (command.includes("show my-project:shop"))
      return { schema: { fields: [{ name: "id", type: "STRING" }] } };
    if (command.startsWith("run services describe"))
      return { status: { latestCreatedRevisionName: "r", traffic: [{ revisionName: "r", percent: 100 }] } };
    if (command.startsWith("run services get-iam-policy") && old)
      return { bindings: [{ role: "roles/run.invoker", members: ["user:gone@example.com"] }] };
    if (command.startsWith("artifacts docker")) return [{ package: "p", version: "sha256:1", tags }];
    if (command.startsWith("projects get-iam-policy") && old)
      return {
        bindings: [
          { role: "roles/x", members: ["serviceAccount:steamer-load@my-project.iam.gserviceaccount.com"] },
        ],
      };
    const name = Object.keys(lists).find((start) => command.startsWith(start));
    if (name === "run services list" && !old) {
      const isDeployed = (service: string) => commands.some((words) => words.includes(service));
      return lists[name].filter((service) => ASKED.filter(isDeployed).includes(nameOf(service)));
    }
    return old && name ? lists[name] : null;
  };
  const execute = async (tool: string, words: string[]): Promise<Outcome> => {
    commands.push([tool, ...words]);
    const tag = /_IMAGE=.*:(\w+)/.exec(words.join(" "))?.[1];
    if (tag) tags.push(tag);
    const value = answer(words);
    return { status: value === null ? 1 : 0, stdout: JSON.stringify(value), stderr: "NOT_FOUND" };
  };
  const changes = async (tool: string, words: string[]) => {
    const outcome = await execute(tool, words);
    return isRead(words) ? outcome : { ...outcome, status: 0 };
  };
  return { commands, execute: changes };
}

const nameOf = (service: unknown) => (service as { metadata: { name: string } }).metadata.name;
/** Their addresses are known once they have been deployed. */
const ASKED = ["personalizer", "inference"].map((service) => `steamer-${service}-my-shop`);

const isRead = (words: string[]) =>
  words.some((word) => ["list", "ls", "describe", "show", "cat", "get-iam-policy"].includes(word));

/** Any folders will do: nothing is built. */
const SOURCES = {
  functions: join(ROOT, "functions"),
  recommender: join(ROOT, "recommender"),
  personalizer: join(ROOT, "personalizer"),
  inference: join(ROOT, "inference"),
  spark: join(ROOT, "spark-jobs"),
};
const example = () => readDeployment(join(ROOT, "infra/settings/example.json"));

async function commandsOf(
  change: Partial<Deployment["steamer"]>,
  old: boolean,
  others: Partial<Deployment["deploy"]> = {},
): Promise<string[][]> {
  const deployment = example();
  const steamer = { ...deployment.steamer, ...change };
  const { commands, execute } = project(old);
  const cloud = openCloud(
    { ...deployment, steamer, deploy: { ...deployment.deploy, ...others } },
    { execute },
  );
  await deploy(cloud, SOURCES);
  await teardown(cloud, { deleteData: true });
  return commands;
}

/** The commands on a page, with its placeholders for names. */
function commandsIn(page: string): string[][] {
  const blocks = readFileSync(join(ROOT, page), "utf8").match(/```sh\n[^]*?\n```/g) ?? [];
  const lines = blocks.flatMap((block) =>
    block
      .replaceAll("\\\n", " ")
      .replaceAll(/ # .*/g, "")
      .split(/\n| \| /),
  );
  const words = lines.map((line) =>
    [...line.matchAll(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g)].map(([word]) => word.replaceAll(/["']/g, "")),
  );
  return words.filter(([tool]) => tool === "gcloud" || tool === "bq");
}

it("a dry run reads, tells of what it would do, and does none of it", async () => {
  const { commands, execute } = project(false);
  const announced: string[] = [];
  const announce = (command: string) => announced.push(command);
  await deploy(openCloud(example(), { execute, dryRun: true, announce }), SOURCES);
  expect(commands.filter(([, ...words]) => !isRead(words))).toEqual([]);
  expect(announced.filter((command) => command.startsWith("~ gcloud functions deploy "))).toHaveLength(7);
});

describe.skipIf(!reference)("every command is one that gcloud has, word by word", () => {
  const check = (commands: string[][]) => {
    const listed = commands.filter((words) => !UNLISTED.includes(words.slice(1, 4).join(" ")));
    expect(listed.length).toBeGreaterThan(0);
    expect(
      listed.map((words) => [words.join(" "), ...faultsOf(words, reference!)]).filter(([, fault]) => fault),
    ).toEqual([]);
  };

  it.each([
    ["an empty project", {}, false],
    ["a project that an older release has deployed", {}, true],
    ["the engine bigquery", { engine: "bigquery", stores: "snapshot" }, false],
    ["a recommender on Datastore", { store: "datastore" }, false],
    ["a recommender that looks at keys", {}, false, { access: "keys" }],
    ["a shop with reviews", { "reviews.on": true }, false],
    ["a shop whose catalogue is a table", { catalogue: "my-project.shop.products" }, false],
    ["a shop whose catalogue is an object", { catalogue: "gs://my-feeds/all.csv" }, false],
    ["a shop with reviews that an older release has deployed", { "reviews.on": true }, true],
    [
      "a shop whose catalogue is pushed",
      { catalogue: "my-project.shop.products" },
      false,
      { catalogueSchedule: "*/10 * * * *" },
    ],
    ["a project whose users have no lists any more", { "als.factors": 0 }, true],
  ] as const)("deploying to, and removing from, %s", async (_what, change, old, deployment?) => {
    check(await commandsOf(change, old, deployment));
  });

  it.each(["infra/README.md", "docs/OPERATIONS.md"])("in %s", (page) => check(commandsIn(page)));

  it.each([
    [["gcloud", "run", "deploy", "s", "--memmory=1Gi"], /no flag --memmory/],
    [
      ["gcloud", "scheduler", "jobs", "update", "http", "j", "--location=r", "--headers=a=b"],
      /no flag --headers/,
    ],
    [
      ["gcloud", "scheduler", "jobs", "create", "http", "j", "--location=r", "--uri=https://u"],
      /--schedule is missing/,
    ],
    [["gcloud", "functions", "deploy", "f", "--gen2=true"], /takes no value/],
    [
      [
        "gcloud",
        "scheduler",
        "jobs",
        "create",
        "http",
        "j",
        "--location=r",
        "--uri=https://u",
        "--schedule=s",
        "--message-body=b",
        "--message-body-from-file=f",
      ],
      /only one may be given/,
    ],
    [["gcloud", "tasks", "queue", "list"], /no such command/],
    [
      [
        ...["gcloud", "storage", "buckets", "add-iam-policy-binding", "gs://b", "--member=user:a@b.c"],
        ...["--role=roles/r", "--condition=expression=true,title=all but keys, and settings"],
      ],
      /--condition may not be/,
    ],
    [["bq", "show", "--datasets", "d"], /no flag --datasets/],
  ])("and the check is awake: %j", (words, fault) => {
    expect(faultsOf(words, reference!).join("\n")).toMatch(fault);
  });
});
