import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "../../contracts/problem.ts";

/** A checkout whose `bin/steamer.js` runs nights. */
export interface Build {
  name: string;
  root: string;
}

const ROOT = join(import.meta.dirname, "../..");
const LOCK_FILE = "package-lock.json";

export const THIS_BUILD: Build = { name: "this build", root: ROOT };

/**
 * A revision's files in the cache, with packages. It shares ours when it names the same ones, else
 * `npm ci` gets its own.
 * @throws Problem for a revision that Git does not know.
 */
export function buildOf(revision: string): Build {
  const commit = commitOf(revision);
  const root = join(ROOT, ".cache/bench/builds", commit);
  if (!existsSync(root)) {
    const unfinished = `${root}.${process.pid}`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true });
    const archive = execFileSync("git", ["archive", commit], { cwd: ROOT, maxBuffer: 1e9 });
    execFileSync("tar", ["-x", "-C", unfinished], { input: archive });
    const lockOf = (folder: string) => readFileSync(join(folder, LOCK_FILE), "utf8");
    if (lockOf(unfinished) === lockOf(ROOT))
      symlinkSync(join(ROOT, "node_modules"), join(unfinished, "node_modules"));
    else execFileSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: unfinished, stdio: "inherit" });
    renameSync(unfinished, root);
  }
  return { name: commit.slice(0, 7), root };
}

function commitOf(revision: string): string {
  try {
    const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`];
    return execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).trim();
  } catch (cause) {
    const next = "name one that `git log` shows, such as HEAD~1";
    throw new Problem({ doing: "Reading --before", why: `Git knows no revision ${revision}`, next, cause });
  }
}
