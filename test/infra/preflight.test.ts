import { describe, expect, it } from "vitest";
import type { Settings } from "../../contracts/settings/settings.ts";
import { openCloud } from "../../infra/cloud.ts";
import { readDeployment } from "../../infra/deployment.ts";
import { preflight } from "../../infra/steps/preflight.ts";

/** Answers of a project that fits, by the first words of the command. */
const GOOD: Record<string, unknown> = {
  "services list": [],
  "billing projects": { billingEnabled: true },
  "compute regions": { quotas: [{ metric: "N2_CPUS", limit: 24, usage: 12 }] },
  "compute networks": { privateIpGoogleAccess: true },
  "show --dataset": { location: "US" },
};

async function check(answers: Record<string, unknown>, change: Partial<Settings> = {}) {
  const changes: string[] = [];
  const announce = (command: string) => changes.push(command);
  const execute = async (_tool: string, words: string[]) => {
    const command = words.join(" ");
    const [, value = ""] =
      Object.entries({ ...GOOD, ...answers }).find(([start]) => command.includes(start)) ?? [];
    return { status: value === null ? 1 : 0, stdout: JSON.stringify(value), stderr: "NOT_FOUND" };
  };
  const deployment = readDeployment("infra/settings/example.json");
  const steamer = { ...deployment.steamer, ...change };
  await preflight(openCloud({ ...deployment, steamer }, { execute, announce }));
  return changes;
}

describe("preflight", () => {
  it("turns services on, those that tell of billing first", async () => {
    const [first, second, ...others] = await check({});
    expect(first).toMatch(/services enable cloudbilling/);
    expect(second).toMatch(/services enable artifactregistry.* storage/);
    expect(others).toEqual([]);
  });

  it("looks whether a table of the shop's own fits, before the first night", async () => {
    const table = (answer: unknown) =>
      check({ "show analytics_123456789.events": answer }, { eventTable: "events" });
    await expect(table(null)).rejects.toThrow(/table analytics_123456789\.events: it is not there/);
    const fields = [{ name: "customer", type: "STRING" }];
    await expect(table({ schema: { fields } })).rejects.toThrow(/map does not say.*there are "customer"/);
  });

  it.each([
    ["no project", { "billing projects": null }, /there is no such project/],
    [
      "no billing",
      { "billing projects": { billingEnabled: false } },
      /no billing[^]*billing projects link my-project/,
    ],
    ["no dataset", { "show --dataset": null }, /not there[^]*link Google Analytics/],
    [
      "a dataset elsewhere",
      { "show --dataset": { location: "EU" } },
      /lies in EU, not in US[^]*set steamer\.location/,
    ],
    [
      "too small a quota",
      { "compute regions": { quotas: [{ metric: "N2_CPUS", limit: 24, usage: 13 }] } },
      /N2_CPUS has 11 of 24 left, a night needs 12/,
    ],
    [
      "a subnetwork without private access",
      { "compute networks": {} },
      /no private Google access[^]*--enable-private-ip-google-access/,
    ],
  ])("refuses a project with %s, and says what to do", async (_what, answers, why) => {
    await expect(check(answers)).rejects.toThrow(why);
  });
});
