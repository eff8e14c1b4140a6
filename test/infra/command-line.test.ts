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
    expect(announced).toEqual([`~ gcloud a '--b=it'\\''s one' --quiet`]);
    expect(journal.changes).toBe(1);
  });

  it("is only announced in a dry run, which takes services that are off for empty", async () => {
    const { tool, commands, announced } = gcloud(1, "", "PERMISSION_DENIED: SERVICE_DISABLED", true);
    await tool.change("a");
    expect(commands).toEqual([]);
    expect(announced).toEqual(["~ gcloud a --quiet"]);
    expect(await tool.read("b")).toBeNull();
  });

  it.each([
    ["+", ["storage", "buckets", "create", "gs://b"]],
    ["+", ["projects", "add-iam-policy-binding", "p"]],
    ["-", ["projects", "remove-iam-policy-binding", "p"]],
    ["-", ["run", "services", "delete", "s"]],
    ["~", ["functions", "deploy", "export"]],
  ])("is shown with %s: %j", async (sign, words) => {
    const { tool, announced } = gcloud(0, "");
    await tool.change(...words);
    expect(announced).toEqual([`${sign} gcloud ${words.join(" ")} --quiet`]);
  });

  it.each([
    "ERROR: (gcloud.projects.add-iam-policy-binding) ABORTED: There were concurrent policy changes.",
    "ERROR: Service account a@p.iam.gserviceaccount.com does not exist.",
    "ERROR: PERMISSION_DENIED: Cloud Tasks API has not been used in project p before or it is disabled.",
    "HTTPError 503: The service is currently unavailable.",
  ])("is tried again where it may pass: %s", async (stderr) => {
    let calls = 0;
    const execute = async () =>
      ++calls < 3 ? { status: 1, stdout: "", stderr } : { status: 0, stdout: "done", stderr: "" };
    const tool = (pauses: number[]) => new Tool({ name: "gcloud", journal: new Journal(), execute, pauses });
    expect(await tool([1, 1]).change("a")).toBe("done");
    calls = 0;
    await expect(tool([1]).change("a")).rejects.toThrow(stderr.split("\n")[0]);
    expect(calls).toBe(2);
  });

  it("is planned for an empty project where nobody is logged in", async () => {
    const stderr = "ERROR: (gcloud.services.list) You do not currently have an active account selected.";
    const { tool, announced, commands } = gcloud(1, "", stderr, true);
    expect([await tool.read("a"), await tool.read("b")]).toEqual([null, null]);
    expect(commands).toHaveLength(1);
    expect(announced).toEqual([expect.stringContaining("nobody is logged in")]);
    await expect(gcloud(1, "", stderr).tool.read("a")).rejects.toThrow("active account");
  });
});

it("what goes on at once has ended when an error is shown", async () => {
  const order: string[] = [];
  const slow = new Promise<void>((resolve) => setTimeout(() => resolve(void order.push("slow")), 20));
  await together([Promise.reject(new Error("refused")), slow]).catch(() => order.push("error"));
  expect(order).toEqual(["slow", "error"]);
});
