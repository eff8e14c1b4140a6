import { describe, expect, it } from "vitest";
import { Journal, Tool, together } from "../../infra/command-line.ts";

const gcloud = (status: number, stdout: string, stderr = "", dryRun = false) => {
  const commands: string[][] = [];
  const announced: string[] = [];
  const journal = new Journal({ dryRun, announce: (command) => announced.push(command) });
  const execute = async (_name: string, words: string[]) => {
    commands.push(words);
    return { status, stdout, stderr };
  };
  return {
    tool: new Tool({ name: "gcloud", after: ["--quiet"], journal, execute }),
    commands,
    announced,
    journal,
  };
};

describe("reading what is there", () => {
  it.each([
    "ERROR: (gcloud.tasks.queues.describe) NOT_FOUND: Requested entity was not found.",
    "ERROR: (gcloud.compute.regions.describe) Could not fetch resource:\n - The resource 'r' was not found",
    "ERROR: (gcloud.storage.cat) The following URLs matched no objects or files:\ngs://b/o",
    "BigQuery error in show operation: Not found: Dataset p:d",
  ])("finds nothing where gcloud says so: %s", async (stderr) => {
    expect(await gcloud(1, "", stderr).tool.read("x")).toBeNull();
  });

  it.each([
    "ERROR: (gcloud.projects.describe) [u@example.com] does not have permission to access projects instance [p] (or it may not exist): not found",
    "ERROR: PERMISSION_DENIED: Resource not found or caller lacks permission",
    "BigQuery error in show operation: Access Denied: Dataset p:d: not found",
    "HTTPError 403: caller does not have storage.buckets.get access, or it may not be found",
    "ERROR: Unable to reach the server",
  ])("never takes a refusal or a failure for nothing: %s", async (stderr) => {
    await expect(gcloud(1, "", stderr).tool.read("x")).rejects.toThrow(/Running gcloud x --quiet/);
  });
});

describe("a change", () => {
  it("is announced as one would type it, made, and counted", async () => {
    const { tool, commands, announced, journal } = gcloud(0, "done");
    expect(await tool.change("a", "--b=it's one")).toBe("done");
    expect(commands).toEqual([["a", "--b=it's one", "--quiet"]]);
    expect(announced).toEqual([`gcloud a '--b=it'\\''s one' --quiet`]);
    expect(journal.changes).toBe(1);
  });

  it("is only announced in a dry run, which takes services that are off for empty", async () => {
    const { tool, commands, announced } = gcloud(1, "", "PERMISSION_DENIED: SERVICE_DISABLED", true);
    await tool.change("a");
    expect(commands).toEqual([]);
    expect(announced).toEqual(["gcloud a --quiet"]);
    expect(await tool.read("b")).toBeNull();
  });
});

it("what goes on at once has ended when an error is shown", async () => {
  const order: string[] = [];
  const slow = new Promise<void>((resolve) => setTimeout(() => resolve(void order.push("slow")), 20));
  await together([Promise.reject(new Error("refused")), slow]).catch(() => order.push("error"));
  expect(order).toEqual(["slow", "error"]);
});
