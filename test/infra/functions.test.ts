import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FUNCTIONS, OPTIONAL_FUNCTIONS, PERSONALIZE, SCORE_REVIEW } from "../../contracts/google-names.ts";
import { openCloud } from "../../infra/cloud.ts";
import { readDeployment } from "../../infra/deployment.ts";
import { deployFunctions } from "../../infra/steps/functions.ts";

/** Functions, and the one object with the stamp of their sources. */
function project(personalizer = true, reviews = false) {
  const states = new Map<string, string>();
  const labels = { app: "steamer" };
  let record: string | null = null;
  const deployed: string[] = [];
  let failing: string | null = null;
  const answer = ([group, verb, ...words]: string[]): string | null => {
    if (verb === "list")
      return JSON.stringify([...states].map(([name, state]) => ({ name: `f/${name}`, state, labels })));
    if (verb === "cat") return record;
    if (verb === "cp") record = readFileSync(words[0], "utf8");
    if (group !== "functions") return "{}";
    deployed.push(words[0]);
    states.set(words[0], words[0] === failing ? "FAILED" : "ACTIVE");
    return words[0] === failing ? null : "";
  };
  const execute = async (_tool: string, words: string[]) => {
    const stdout = answer(words);
    return { status: stdout === null ? 1 : 0, stdout: stdout ?? "", stderr: "NOT_FOUND" };
  };
  const deployment = readDeployment("infra/settings/example.json");
  const parts = {
    steamer: { ...deployment.steamer, "reviews.on": reviews },
    deploy: { ...deployment.deploy, personalizer },
  };
  const cloud = openCloud({ ...deployment, ...parts }, { execute });
  return {
    states,
    labels,
    /** The names of the functions that a deployment of this source deploys. */
    async deploy(source: string, failingOne: string | null = null) {
      failing = failingOne;
      deployed.length = 0;
      await deployFunctions(cloud, source);
      return deployed;
    },
  };
}

const ALL = [...FUNCTIONS, PERSONALIZE];

describe("functions", () => {
  it("are deployed once, and again when their source changes", async () => {
    const { deploy } = project();
    expect((await deploy("functions")).sort()).toEqual([...ALL].sort());
    expect(await deploy("functions")).toEqual([]);
    expect(await deploy("recommender")).toHaveLength(ALL.length);
  });

  it("are deployed again when a build has failed, or one is gone", async () => {
    const { deploy, states } = project();
    await expect(deploy("functions", "load")).rejects.toThrow(/gcloud functions deploy load/);
    expect(await deploy("functions")).toHaveLength(ALL.length);
    states.set("export", "FAILED");
    expect(await deploy("functions")).toHaveLength(ALL.length);
    states.delete("runs");
    expect(await deploy("functions")).toHaveLength(ALL.length);
    expect(await deploy("functions")).toEqual([]);
  });

  it("are those of a shop's parts, and what another shop's parts have deployed", async () => {
    const sorted = (...others: string[]) => [...FUNCTIONS, ...others].sort();
    expect((await project(false).deploy("functions")).sort()).toEqual(sorted());
    expect((await project(false, true).deploy("functions")).sort()).toEqual(sorted(SCORE_REVIEW));
    for (const ofOthers of OPTIONAL_FUNCTIONS) {
      const { deploy, states } = project(false);
      states.set(ofOthers, "ACTIVE");
      expect((await deploy("functions")).sort()).toEqual(sorted(ofOthers));
    }
  });

  it("of the same name that are not ours are left alone", async () => {
    const { deploy, states, labels } = project();
    states.set("export", "ACTIVE");
    labels.app = "other";
    await expect(deploy("functions")).rejects.toThrow(/an? export that is not Steamer's/);
  });
});
