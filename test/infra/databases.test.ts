import { expect, it } from "vitest";
import { REVIEWS_DATABASE } from "../../contracts/google-names.ts";
import { openCloud } from "../../infra/cloud.ts";
import { readDeployment } from "../../infra/deployment.ts";
import { makeDatabases } from "../../infra/steps/datastore.ts";

/** What a deployment of a shop with reviews changes, where their database is as given. */
async function changesBeside(database: object): Promise<string[]> {
  const changes: string[] = [];
  const there = [{ name: `p/databases/${REVIEWS_DATABASE}`, type: "DATASTORE_MODE", ...database }];
  const execute = async (_tool: string, words: string[]) => {
    const found = words.includes("databases") && words.includes("list") ? there : [];
    return { status: 0, stdout: JSON.stringify(found), stderr: "" };
  };
  const deployment = readDeployment("infra/settings/example.json");
  const steamer = { ...deployment.steamer, "reviews.on": true };
  const announce = (command: string) => changes.push(command);
  await makeDatabases(openCloud({ ...deployment, steamer }, { execute, announce }));
  return changes.filter((command) => command.includes(`--database=${REVIEWS_DATABASE}`));
}

it("the database of reviews is protected, whoever made it, and is then left alone", async () => {
  expect(await changesBeside({})).toEqual([expect.stringMatching(/databases update .*--delete-protection/)]);
  expect(await changesBeside({ deleteProtectionState: "DELETE_PROTECTION_ENABLED" })).toEqual([]);
});
