import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Problem } from "../contracts/problem.ts";

const CACHE = join(import.meta.dirname, "../.cache");

/**
 * The Python that has what a requirements file pins: makes `.cache/venv-<name>` when it is missing,
 * or when the file has changed. Processes that ask for the same one at the same time wait for each
 * other.
 * @throws Problem when there is no Python 3.11 or newer, or the packages cannot be installed.
 */
export function venv(name: string, requirements: string): string {
  const folder = join(CACHE, `venv-${name}`);
  const python = join(folder, "bin/python");
  const wanted = pinned(requirements);
  const installed = join(folder, "requirements.txt");
  const isThere = () => existsSync(installed) && readFileSync(installed, "utf8") === wanted;
  if (isThere()) return python;
  return exclusively(`${folder}.lock`, () => {
    if (isThere()) return python;
    console.error(`Setting up Python in .cache/venv-${name} (once) ...`);
    rmSync(folder, { recursive: true, force: true });
    run(
      systemPython(),
      ["-m", "venv", folder],
      "is Python's venv module there? (Debian: apt-get install python3-venv)",
    );
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements];
    run(python, pip, `look at pip's message above; ${requirements} pins what is installed`);
    writeFileSync(installed, wanted);
    return python;
  });
}

/** The pins of a requirements file, and of the files that it includes by `-r`. */
function pinned(requirements: string): string {
  const text = readFileSync(requirements, "utf8");
  const included = [...text.matchAll(/^-r\s+(\S+)/gm)].map(([, file]) =>
    pinned(join(dirname(requirements), file)),
  );
  return [text, ...included].join("");
}

/**
 * A folder as a mutex between processes; one that was left by a killed process is taken over after
 * a while.
 */
function exclusively<T>(lock: string, action: () => T): T {
  mkdirSync(CACHE, { recursive: true });
  const patience = Date.now() + 20 * 60_000;
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || Date.now() > patience) throw error;
      if (isDead(lock)) rmSync(lock, { recursive: true, force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    }
  }
  try {
    writeFileSync(join(lock, "pid"), String(process.pid));
    return action();
  } finally {
    rmSync(join(lock, "pid"), { force: true });
    rmdirSync(lock);
  }
}

function isDead(lock: string): boolean {
  try {
    process.kill(Number(readFileSync(join(lock, "pid"), "utf8")), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

function systemPython(): string {
  const check = "import sys; sys.exit(sys.version_info < (3, 11))";
  const found = ["python3.11", "python3"].find((name) => spawnSync(name, ["-c", check]).status === 0);
  if (found) return found;
  throw new Problem({
    doing: "Setting up Python",
    why: "neither python3.11 nor python3 is a Python of version 3.11 or newer",
    next: "install Python 3.11 or newer",
  });
}

function run(command: string, args: string[], next: string): void {
  const { status } = spawnSync(command, args, { stdio: ["ignore", 2, 2] });
  if (status === 0) return;
  throw new Problem({
    doing: "Setting up Python",
    why: `${command} ${args.slice(0, 3).join(" ")} failed`,
    next,
  });
}
