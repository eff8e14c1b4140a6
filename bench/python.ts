import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "../contracts/problem.ts";

const VENV = join(import.meta.dirname, "../.cache/bench-venv");
export const REQUIREMENTS = join(import.meta.dirname, "requirements.txt");

/**
 * The Python that has the peers: makes .cache/bench-venv when missing or when requirements.txt has changed.
 * @throws Problem when there is no Python 3.11 or newer, or the packages cannot be installed.
 */
export function benchPython(): string {
  const python = join(VENV, "bin/python");
  const wanted = readFileSync(REQUIREMENTS, "utf8");
  const installed = join(VENV, "requirements.txt");
  if (existsSync(installed) && readFileSync(installed, "utf8") === wanted) return python;
  console.log("Setting up the peers' Python in .cache/bench-venv (once) ...");
  const system = systemPython();
  rmSync(VENV, { recursive: true, force: true });
  run(system, ["-m", "venv", VENV], "is Python's venv module there? (Debian: apt-get install python3-venv)");
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS];
  run(python, pip, "look at pip's message above; bench/requirements.txt pins what is installed");
  writeFileSync(installed, wanted);
  return python;
}

function systemPython(): string {
  const check = "import sys; sys.exit(sys.version_info < (3, 11))";
  const found = ["python3.11", "python3"].find((name) => spawnSync(name, ["-c", check]).status === 0);
  if (found) return found;
  throw new Problem({
    doing: "Setting up the peers of the benchmark",
    why: "neither python3.11 nor python3 is a Python of version 3.11 or newer",
    next: "Install Python 3.11 or newer, or leave the peers out: npm run bench:similarity -- --peers none",
  });
}

function run(command: string, args: string[], next: string): void {
  const { status } = spawnSync(command, args, { stdio: "inherit" });
  if (status === 0) return;
  throw new Problem({
    doing: "Setting up the peers of the benchmark",
    why: `${command} ${args.slice(0, 3).join(" ")} failed`,
    next,
  });
}
