import { expect, it } from "vitest";
import { LISTS_DATABASE, REVIEWS_DATABASE } from "../../contracts/google-names.ts";
import { onlyDatabase } from "../../infra/conditions.ts";
import { openCloud } from "../../infra/cloud.ts";
import { readDeployment } from "../../infra/deployment.ts";
import { grantRoles } from "../../infra/steps/accounts.ts";

const RECOMMENDER = "serviceAccount:steamer-recommender@my-project.iam.gserviceaccount.com";
const ofDatabase = (database: string) => ({
  role: "roles/datastore.user",
  members: [RECOMMENDER],
  condition: onlyDatabase("my-project", database),
});

/** The rights on the project that a shop without reviews takes away from these. */
async function taken(bindings: object[]): Promise<string[]> {
  const removed: string[] = [];
  const execute = async (_tool: string, words: string[]) => {
    if (words.includes("remove-iam-policy-binding")) removed.push(words.join(" "));
    const policy = words[0] === "projects" ? { bindings } : {};
    return { status: 0, stdout: JSON.stringify(policy), stderr: "" };
  };
  await grantRoles(openCloud(readDeployment("infra/settings/example.json"), { execute }));
  return removed;
}

it("a shop takes no right away that another shop of the project needs, but those of older releases", async () => {
  const ours = [LISTS_DATABASE, REVIEWS_DATABASE].map(ofDatabase);
  expect(await taken(ours)).toEqual([]);
  const removed = await taken([...ours, ofDatabase("an-older-one")]);
  expect(removed).toEqual([expect.stringContaining("databases/an-older-one")]);
});
