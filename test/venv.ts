import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { Problem } from "../contracts/problem.ts";

const CACHE = join(import.meta.dirname, "../.cache");

/**
 * Installs what a requirements file pins in a third of the time that the pip of Python 3.11 takes.
 */
const PIP = "pip==26.3";
const NEEDS_VENV = "is Python's venv module there? (Debian: apt-get install python3-venv)";

/**
 * The Python that has what a requirements file pins, with the options that its line `# pip:` names:
 * makes `.cache/venv-<name>` when it is missing, or when the file has changed. Processes that ask
 * for the same one at the same time wait for each other.
 * @throws Problem when there is no Python 3.11 or newer, or the packages cannot be installed.
 */
export function venv(name: string, requirements: string): string {
  return made(name, pinned(requirements), (folder, python) => {
    run(systemPython(), ["-m", "venv", "--without-pip", folder], NEEDS_VENV);
    // Python compiles what is imported then; all of it would take longer than installing it.
    const own = /^# pip: (.+)$/m.exec(readFileSync(requirements, "utf8"))?.[1].split(" ") ?? [];
    const options = ["--python", python, "install", "--no-compile", ...own, "-r", requirements];
    pip(installer(), options, `look at pip's message above; ${requirements} pins what is installed`);
  });
}

/**
 * The same in a process of its own, so that several are made at the same time.
 * @throws Error when it cannot be made; the process has said why.
 */
export async function venvAside(name: string, requirements: string): Promise<string> {
  const child = spawn(process.execPath, [import.meta.filename, name, requirements], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [path, [status]] = await Promise.all([text(child.stdout), once(child, "close")]);
  if (status !== 0) throw new Error(`.cache/venv-${name} cannot be set up`);
  return path.trim();
}

/** One Python with a recent pip serves all others. */
function installer(): string {
  return made("pip", PIP, (folder, python) => {
    run(systemPython(), ["-m", "venv", folder], NEEDS_VENV);
    pip(python, ["install", PIP], "look at pip's message above");
  });
}

/** Makes a virtual environment, unless it is there as it is wanted. */
function made(name: string, wanted: string, make: (folder: string, python: string) => void): string {
  const folder = join(CACHE, `venv-${name}`);
  const python = join(folder, "bin/python");
  const installed = join(folder, "requirements.txt");
  const isThere = () => existsSync(installed) && readFileSync(installed, "utf8") === wanted;
  if (isThere()) return python;
  return exclusively(`${folder}.lock`, () => {
    if (isThere()) return python;
    console.error(`Setting up Python in .cache/venv-${name} (once) ...`);
    rmSync(folder, { recursive: true, force: true });
    make(folder, python);
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

function pip(python: string, options: string[], next: string): void {
  run(python, ["-m", "pip", "--quiet", "--disable-pip-version-check", ...options], next);
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

if (import.meta.main) console.log(venv(process.argv[2]!, process.argv[3]!));
