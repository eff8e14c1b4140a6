import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { fileObjects } from "../../adapters/storage/files.ts";
import { changeKeys } from "../../night/state/key-list.ts";
import { temporaryFolder } from "../temporary.ts";
import { venv } from "../venv.ts";
import { startRecommender, type Running } from "./process.ts";
import { publishHostileShop } from "./shop.ts";

const KEY = "steamer_the-key-of-the-fuzzer";

/** fuzz_hooks.py */
const HOOKS = { PYTHONPATH: import.meta.dirname, SCHEMATHESIS_HOOKS: "fuzz_hooks" };

/** Fuzzes the API by its own description; the seed is fixed, so that what fails fails again. */
function fuzz({ url }: Running, options: string[]) {
  const python = venv("schemathesis", "test/hardening/requirements.txt");
  const { status, stdout, stderr } = spawnSync(
    join(dirname(python), "schemathesis"),
    [
      "run",
      `${url}/docs/json`,
      "--checks",
      "all",
      "--continue-on-failure",
      "--no-color",
      "--seed",
      "20261122",
      "--generation-database",
      "none",
      "--max-examples",
      "1000000",
      ...options,
    ],
    { encoding: "utf8", cwd: temporaryFolder(), maxBuffer: 1 << 28, env: { ...process.env, ...HOOKS } },
  );
  return { status, output: `${stdout}${stderr}` };
}

describe("the API, fuzzed by its OpenAPI description", () => {
  let running: Running;
  afterEach(async () => {
    running.kill("SIGKILL");
    await running.ended;
  });
  const started = async (folder: string, access: string) => {
    await publishHostileShop(folder);
    running = await startRecommender(folder, {
      STEAMER_ACCESS: access,
      STEAMER_DOCS: "true",
      STEAMER_REVIEWS_ON: "true",
      // The description cannot say that a user has written enough.
      STEAMER_REVIEWS_PER_ITEM: "1000",
      STEAMER_REVIEWS_PER_HOUR: "1000",
    });
  };
  const cases = (output: string) => Number(/([\d,]+) generated/.exec(output)?.[1].replaceAll(",", ""));

  it("answers thousands of requests as its schemas say, refuses what they refuse, and never fails", async () => {
    await started(temporaryFolder(), "open");
    const { status, output } = fuzz(running, ["--max-time", "60"]);
    expect(output).toMatch(/Operations: +12 selected/);
    expect(status, output).toBe(0);
    expect(cases(output)).toBeGreaterThan(2000);
    expect(running.isAlive()).toBe(true);
    expect(running.log()).not.toMatch(/ERROR|CRITICAL|WARNING/);
  });

  it("answers nobody without a key where it should not", async () => {
    const folder = temporaryFolder();
    const sha256 = createHash("sha256").update(KEY).digest("hex");
    await changeKeys(fileObjects(folder), "toys", () => ({
      fuzzer: { sha256, since: "2026-11-22T00:00:00Z" },
    }));
    await started(folder, "keys");
    const { status, output } = fuzz(running, ["--max-time", "20", "--header", `x-api-key: ${KEY}`]);
    expect(status, output).toBe(0);
    expect(cases(output)).toBeGreaterThan(500);
    expect(running.log()).not.toContain(KEY);
  });
});
