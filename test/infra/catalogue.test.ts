import { expect, it } from "vitest";
import type { Settings } from "../../contracts/settings/settings.ts";
import { openCloud } from "../../infra/cloud.ts";
import { readDeployment } from "../../infra/deployment.ts";
import { checkCatalogue, letReadCatalogue } from "../../infra/steps/catalogue.ts";
import { checkItemAliases } from "../../infra/steps/item-aliases.ts";

const TABLE = "my-project.shop.products";
const LOAD = "serviceAccount:steamer-load@my-project.iam.gserviceaccount.com";

/** A deployment of a shop with these settings; `answers` by the words that a command has. */
function cloudWith(change: Partial<Settings>, answers: Record<string, unknown>, dryRun = false) {
  const changes: string[] = [];
  const execute = async (_tool: string, words: string[]) => {
    const [, value = null] = Object.entries(answers).find(([part]) => words.join(" ").includes(part)) ?? [];
    return { status: value === null ? 1 : 0, stdout: JSON.stringify(value), stderr: "Not found" };
  };
  const deployment = readDeployment("infra/settings/example.json");
  const steamer = { ...deployment.steamer, ...change };
  const announce = (command: string) => changes.push(command);
  return { cloud: openCloud({ ...deployment, steamer }, { execute, announce, dryRun }), changes };
}

const cloudOf = (catalogue: string, answers: Record<string, unknown>, dryRun = false) =>
  cloudWith({ catalogue }, answers, dryRun);

it.each([
  [TABLE, {}, /products: it is not there/],
  [TABLE, { "show my-project:shop.products": { location: "EU" } }, /lies in EU, and the events in US/],
  ["gs://my-feeds/all.csv", {}, /all.csv: it is not there/],
  ["products.csv", {}, /neither an object nor a table/],
])("a catalogue that no night could read stops a deployment: %s", async (catalogue, answers, why) => {
  await expect(checkCatalogue(cloudOf(catalogue, answers).cloud)).rejects.toThrow(why);
});

it("a catalogue that is there does not, nor does any stop a dry run, before whose buckets none can be", async () => {
  await checkCatalogue(cloudOf(TABLE, { "show my-project:shop.products": { location: "us" } }).cloud);
  await checkCatalogue(cloudOf("gs://my-feeds/all.csv", { "objects describe": {} }).cloud);
  await checkCatalogue(cloudOf("gs://my-feeds/all.csv", {}, true).cloud);
});

it("old ids of items that no night could read stop a deployment, too", async () => {
  const itemAlias = "gs://my-shop/aliases.csv";
  const check = (...asked: Parameters<typeof cloudWith>) => checkItemAliases(cloudWith(...asked).cloud);
  await expect(check({ itemAlias }, {})).rejects.toThrow(/aliases.csv: it is not there/);
  await expect(check({ itemAlias: "aliases.csv" }, {})).rejects.toThrow(/no object/);
  await check({ itemAlias }, { "objects describe": {} });
  await check({ itemAlias }, {}, true);
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
