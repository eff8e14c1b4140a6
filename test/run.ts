/**
 * Runs everything that a change must pass. Names the ten slowest test files, and ends with one line
 * that adds it all up: `N passed, N failed`.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { FILE_TIMES, type FileTime } from "./file-times.ts";
import setUpPythons from "./global-setup.ts";
import { venvAside } from "./venv.ts";

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

const REPORT = ".cache/test/vitest.json";

/** A check counts as one test. */
async function check(title: string, command: string, ...args: string[]): Promise<Tally> {
  const status = await runAside(title, command, ...args);
  return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0 };
}

async function vitest(): Promise<Tally> {
  const reporters = ["default", "json", "./test/file-times.ts"].map((name) => `--reporter=${name}`);
  console.log("\n── vitest ──");
  const args = ["run", ...reporters, `--outputFile.json=${REPORT}`];
  const { status } = await run("vitest", args, "inherit");
  const report = readReport();
  // A runner that breaks before or after its tests has failed, whatever it counted.
  const broken = status !== 0 && report.numFailedTests === 0 ? 1 : 0;
  const skipped = report.numPendingTests + report.numTodoTests;
  return { passed: report.numPassedTests, failed: report.numFailedTests + broken, skipped };
}

/** The Python packages are tested by pytest, each in a virtual environment of its own. */
async function pytest(name: string, folder: string): Promise<Tally> {
  const report = `.cache/test/pytest-${name}.xml`;
  const python = await venvAside(name, `${folder}/requirements-test.txt`);
  const args = ["-m", "pytest", "-q", `--junitxml=${report}`, folder];
  const status = await runAside(`pytest ${folder}`, python, ...args);
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

/** Commands that run at the same time do not mix their output: each is shown when it has ended. */
async function runAside(title: string, command: string, ...args: string[]): Promise<number> {
  const { status, output } = await run(command, args, "pipe");
  console.log(`\n── ${title} ──\n${output.trimEnd()}`);
  return status;
}

function run(command: string, args: string[], output: "inherit" | "pipe") {
  return new Promise<{ status: number; output: string }>((resolve, reject) => {
    const shell = process.platform === "win32";
    const child = spawn(command, args, { stdio: ["ignore", output, output], shell });
    const chunks: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", reject);
    child.on("close", (status) => resolve({ status: status ?? 1, output: Buffer.concat(chunks).toString() }));
  });
}

function showSlowest(): void {
  const times = JSON.parse(readText(FILE_TIMES) || "[]") as FileTime[];
  times.sort((a, b) => b.seconds - a.seconds);
  console.log("\nThe slowest test files, in seconds:");
  for (const { file, seconds } of times.slice(0, 10))
    console.log(`${seconds.toFixed(0).padStart(6)}  ${file}`);
}

// Python compiles each installed module when it is first imported, and must be able to keep it.
delete process.env["PYTHONDONTWRITEBYTECODE"];
rmSync(".cache/test", { recursive: true, force: true });
mkdirSync(".cache/test", { recursive: true });
const [, ...tallies] = await Promise.all([
  setUpPythons({ name: "whole" }),
  check("format", "prettier", "--check", "."),
  check("lint", "oxlint"),
  check("types", "tsc"),
  check("types of the page", "tsc", "-p", "recommender/page/browser"),
  pytest("spark", "spark-jobs"),
  pytest("beam", "templates"),
]);
tallies.push(await vitest());
showSlowest();
const total = (key: keyof Tally) => tallies.reduce((sum, tally) => sum + tally[key], 0);
const skipped = total("skipped") > 0 ? `, ${total("skipped")} skipped` : "";
console.log(`\n${total("passed")} passed, ${total("failed")} failed${skipped}`);
process.exitCode = total("failed") > 0 ? 1 : 0;
