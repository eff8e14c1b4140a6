import { execFileSync } from "node:child_process";
import { cpSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/**
 * The rules must not go silent: each file of the fixture breaks one of them, but for those named
 * `allowed`.
 */
describe("the lint rules", () => {
  const folder = mkdtempSync(join(tmpdir(), "steamer-lint-"));
  const broken: string[] = [];

  beforeAll(() => {
    cpSync("test/lint/fixture", folder, { recursive: true });
    for (const path of [".oxlintrc.json", "test/lint/rules"])
      cpSync(path, join(folder, path), { recursive: true });
    const { diagnostics } = JSON.parse(lint(folder)) as { diagnostics: { filename: string; code: string }[] };
    broken.push(
      ...diagnostics.filter(({ code }) => /restricted|steamer/.test(code)).map(({ filename }) => filename),
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(globSync("**/*.ts", { cwd: "test/lint/fixture" }).sort())("judge %s by its name", (file) => {
    expect(broken.includes(file)).toBe(!file.includes("allowed"));
  });
});

function lint(folder: string): string {
  const oxlint = join(process.cwd(), "node_modules/oxlint/bin/oxlint");
  try {
    return execFileSync(process.execPath, [oxlint, "--format", "json"], { cwd: folder, encoding: "utf8" });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}
