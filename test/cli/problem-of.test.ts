import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fileObjects } from "../../adapters/storage/files.ts";
import { storage } from "../../adapters/gcp/clients.ts";
import { Problem } from "../../contracts/problem.ts";
import { problemOf } from "../../cli/problem-of.ts";
import { settingsWith } from "../night/shop.ts";
import { temporaryFolder } from "../temporary.ts";

const folder = temporaryFolder();

/** The error of something that fails. */
async function errorOf(action: () => unknown): Promise<unknown> {
  try {
    await action();
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
}

/** A lock file that is none. */
function damagedLock(): string {
  const root = join(folder, "damaged");
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, ".lock"), "no database ".repeat(100));
  return root;
}

const bucket = async (endpoint: string) =>
  (await storage(settingsWith({ endpoints: { storage: endpoint } }), { autoRetry: false }))
    .bucket("b")
    .getFiles();
const answered = (code: number) => Object.assign(new Error("refused"), { code });

describe("an error from outside", () => {
  it.each<[what: string, action: () => unknown, says: string, next: string]>([
    ["a file that is not there", () => readFileSync(join(folder, "none")), "no such file", "check the path"],
    [
      "a program that is not there",
      () => execFileSync("no-such-program"),
      "no such program here",
      "install it",
    ],
    [
      "a damaged lock",
      () => fileObjects(damagedLock()).put("a", "", { ifGeneration: null }),
      "it is damaged",
      "delete the file",
    ],
    [
      "a service that does not answer",
      () => bucket("http://127.0.0.1:1"),
      "ECONNREFUSED",
      "look at the network",
    ],
    [
      "a module of choice",
      () => import("@google-cloud/nothing" as string),
      "@google-cloud/nothing is not installed",
      "npm install",
    ],
    ["a refusal of Google's", () => Promise.reject(answered(403)), "refused", "operators"],
    ["a bucket that is not there", () => Promise.reject(answered(404)), "refused", "the buckets"],
    [
      "a full disk",
      () => Promise.reject(Object.assign(new Error("ENOSPC: write"), { code: "ENOSPC" })),
      "the disk is full",
      "make room",
    ],
    [
      "a full disk, by DuckDB",
      () => Promise.reject(new Error("IO Error: Could not write: No space left on device")),
      "the disk is full",
      "make room",
    ],
    [
      "nobody logged in",
      () => Promise.reject(new Error("Could not load the default credentials. Browse to https://x\nmore")),
      "Could not load the default credentials",
      "gcloud auth application-default login",
    ],
  ])("is a problem for people: %s", async (_, action, says, next) => {
    const problem = problemOf(await errorOf(action));
    expect(problem).toBeInstanceOf(Problem);
    expect(problem!.why).toContain(says);
    expect(problem!.next).toContain(next);
    expect(problem!.message).not.toContain("    at ");
  });
});

it("A defect is none", () => {
  expect(problemOf(new TypeError("undefined is not a function"))).toBeNull();
});
