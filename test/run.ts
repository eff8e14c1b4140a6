/** Runs everything that a change must pass, and ends with one line that adds it all up: `N passed, N failed`. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { venv } from "./venv.ts";

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

const REPORT = ".cache/test/vitest.json";

/** A check counts as one test. */
function check(title: string, command: string, ...args: string[]): Tally {
  const { status } = run(title, command, ...args);
  return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0 };
}

function vitest(): Tally {
  rmSync(REPORT, { force: true });
  mkdirSync(".cache/test", { recursive: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${REPORT}`];
  const { status } = run("vitest", "vitest", "run", "--coverage", ...reporters);
  const report = readReport();
  // A runner that breaks before or after its tests has failed, whatever it counted.
  const broken = status !== 0 && report.numFailedTests === 0 ? 1 : 0;
  const skipped = report.numPendingTests + report.numTodoTests;
  return { passed: report.numPassedTests, failed: report.numFailedTests + broken, skipped };
}

/** The Python packages are tested by pytest, each in a virtual environment of its own. */
function pytest(name: string, folder: string): Tally {
  const report = `.cache/test/pytest-${name}.xml`;
  rmSync(report, { force: true });
  const python = venv(name, `${folder}/requirements-test.txt`);
  const { status } = run(`pytest ${folder}`, python, "-m", "pytest", "-q", `--junitxml=${report}`, folder);
  const count = (key: string) => Number(new RegExp(` ${key}="(\\d+)"`).exec(readText(report))?.[1] ?? 0);
  const failed = count("failures") + count("errors");
  const broken = status !== 0 && failed === 0 ? 1 : 0;
  const skipped = count("skipped");
  return { passed: count("tests") - failed - skipped, failed: failed + broken, skipped };
}

function readText(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

function readReport() {
  try {
    return JSON.parse(readFileSync(REPORT, "utf8")) as Record<
      "numPassedTests" | "numFailedTests" | "numPendingTests" | "numTodoTests",
      number
    >;
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };
  }
}

function run(title: string, command: string, ...args: string[]) {
  console.log(`\n── ${title} ──`);
  return spawnSync(command, args, { stdio: "inherit", shell: process.platform === "win32" });
}

const tallies = [
  check("format", "prettier", "--check", "."),
  check("lint", "oxlint"),
  check("types", "tsc"),
  check("types of the page", "tsc", "-p", "recommender/page/browser"),
  pytest("spark", "spark-jobs"),
  pytest("beam", "templates"),
  vitest(),
];
const total = (key: keyof Tally) => tallies.reduce((sum, tally) => sum + tally[key], 0);
const skipped = total("skipped") > 0 ? `, ${total("skipped")} skipped` : "";
console.log(`\n${total("passed")} passed, ${total("failed")} failed${skipped}`);
process.exitCode = total("failed") > 0 ? 1 : 0;
