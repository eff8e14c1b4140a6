import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Settings } from "../../contracts/settings/settings.ts";
import { openCloud } from "../../infra/cloud.ts";
import { readDeployment, type DeploySettings } from "../../infra/deployment.ts";
import { checkCatalogue, letReadCatalogue } from "../../infra/steps/catalogue.ts";
import { checkItemAliases } from "../../infra/steps/item-aliases.ts";
import { schedule } from "../../infra/steps/scheduler.ts";
import { temporaryFolder } from "../temporary.ts";

const TABLE = "my-project.shop.products";
const LOAD = "serviceAccount:steamer-load@my-project.iam.gserviceaccount.com";

type Options = Partial<DeploySettings> & { dryRun?: boolean };

/** A deployment of a shop with these settings; `answers` by the words that a command has. */
function cloudWith(change: Partial<Settings>, answers: Record<string, unknown>, options: Options = {}) {
  const { dryRun = false, ...deploy } = options;
  const changes: string[] = [];
  const execute = async (_tool: string, words: string[]) => {
    const [, value = null] = Object.entries(answers).find(([part]) => words.join(" ").includes(part)) ?? [];
    return { status: value === null ? 1 : 0, stdout: JSON.stringify(value), stderr: "Not found" };
  };
  const deployment = readDeployment("infra/settings/example.json");
  const steamer = { ...deployment.steamer, ...change };
  const announce = (command: string) => changes.push(command);
  const given = { ...deployment, steamer, deploy: { ...deployment.deploy, ...deploy } };
  return { cloud: openCloud(given, { execute, announce, dryRun }), changes };
}

const cloudOf = (catalogue: string, answers: Record<string, unknown>, options?: Options) =>
  cloudWith({ catalogue }, answers, options);

/** What bq says of a table. */
const shown = (...columns: string[]) => ({
  location: "us",
  schema: { fields: columns.map((name) => ({ name, type: "STRING" })) },
});

it.each([
  [TABLE, {}, /products: it is not there/],
  [TABLE, { "show my-project:shop.products": { location: "EU" } }, /lies in EU, and the events in US/],
  [
    TABLE,
    { "show my-project:shop.products": shown("title", "price") },
    /no column of ids.*\n.*"title", "price"/,
  ],
  ["gs://my-feeds/all.csv", {}, /all.csv: it is not there/],
  ["products.csv", {}, /neither an object nor a table/],
])("a catalogue that no night could read stops a deployment: %s", async (catalogue, answers, why) => {
  await expect(checkCatalogue(cloudOf(catalogue, answers).cloud)).rejects.toThrow(why);
});

it("a catalogue that is there does not, nor does any stop a dry run, before whose buckets none can be", async () => {
  await checkCatalogue(cloudOf(TABLE, { "show my-project:shop.products": shown("Item ID", "title") }).cloud);
  await checkCatalogue(cloudOf("gs://my-feeds/all.csv", { "objects describe": {} }).cloud);
  await checkCatalogue(cloudOf("gs://my-feeds/all.csv", {}, { dryRun: true }).cloud);
});

it("a catalogue whose table has other columns than the settings name stops a deployment", async () => {
  const answers = { "show my-project:shop.products": shown("number", "title") };
  const check = (catalogueMap: Settings["catalogueMap"]) =>
    checkCatalogue(cloudWith({ catalogue: TABLE, catalogueMap }, answers).cloud);
  await check({ id: "number" });
  await expect(check({ id: "number", price: "cost" })).rejects.toThrow(/it has no column cost/);
});

it("old ids of items that no night could read stop a deployment, too", async () => {
  const itemAlias = "gs://my-shop/aliases.csv";
  const check = (...asked: Parameters<typeof cloudWith>) => checkItemAliases(cloudWith(...asked).cloud);
  await expect(check({ itemAlias }, {})).rejects.toThrow(/aliases.csv: it is not there/);
  await expect(check({ itemAlias: "aliases.csv" }, {})).rejects.toThrow(/no object/);
  await check({ itemAlias }, { "objects describe": {} });
  await check({ itemAlias }, {}, { dryRun: true });
  await check({}, {});
});

it("the load function may read the table, once it has been let", async () => {
  const members = [LOAD];
  const bindings = [{ role: "roles/bigquery.dataViewer", members }];
  const first = cloudOf(TABLE, { "add-iam-policy-binding": {} });
  await letReadCatalogue(first.cloud);
  expect(first.changes[0]).toContain(`--table --member=${LOAD} --role=roles/bigquery.dataViewer`);
  const later = cloudOf(TABLE, { "get-iam-policy": { bindings }, "add-iam-policy-binding": {} });
  await letReadCatalogue(later.cloud);
  expect(later.changes.join()).not.toContain(LOAD);
});

it("a job pushes the catalogue when the settings say so, and is gone when they do not", async () => {
  const name = "steamer_catalogue_my-shop";
  const jobs = { "scheduler jobs list": [{ name: `p/jobs/${name}` }], "scheduler jobs": {} };
  const on = cloudOf(
    TABLE,
    { "scheduler jobs list": [], "scheduler jobs": {} },
    { catalogueSchedule: "7 * * * *" },
  );
  await schedule(on.cloud);
  const job = on.changes.find((command) => command.includes(name));
  expect(job).toMatch(/scheduler jobs create http .*'--schedule=7 \* \* \* \*'.*\/push-catalogue/);
  expect(job).toContain("--oidc-service-account-email=steamer-scheduler@my-project.iam.gserviceaccount.com");
  const off = cloudOf(TABLE, jobs);
  await schedule(off.cloud);
  expect(off.changes).toContainEqual(expect.stringContaining(`scheduler jobs delete ${name}`));
});

it("a schedule without a catalogue is refused before anything is done", () => {
  const file = join(temporaryFolder(), "shop.json");
  const example = JSON.parse(readFileSync("infra/settings/example.json", "utf8"));
  writeFileSync(file, JSON.stringify({ ...example, deploy: { catalogueSchedule: "7 * * * *" } }));
  expect(() => readDeployment(file)).toThrow(/catalogueSchedule is set, and steamer\.catalogue is not/);
});
