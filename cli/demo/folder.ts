import { hostname } from "node:os";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { isAlive } from "../../adapters/process-owner.ts";
import { Problem } from "../../contracts/problem.ts";

/**
 * Fills a new folder beside `folder`. Once it is full, it takes the place of `folder`: a process
 * killed on the way leaves `folder` unchanged. All content of `folder` must have one of our names,
 * because it is deleted.
 * @throws Problem if `folder` contains anything else, or if the disk refuses.
 */
export async function replaceFolder<T>(folder: string, ours: RegExp, fill: (attempt: string) => Promise<T>) {
  const attempt = `${resolve(folder)}.partial-${process.pid}`;
  try {
    await refuseForeignFiles(folder, ours);
    await removeDeadAttempts(folder);
    await mkdir(attempt, { recursive: true });
    const result = await fill(attempt);
    await rm(folder, { recursive: true, force: true });
    await rename(attempt, folder);
    return result;
  } catch (error) {
    await rm(attempt, { recursive: true, force: true });
    throw isDiskError(error) ? diskProblem(folder, error) : error;
  }
}

async function refuseForeignFiles(folder: string, ours: RegExp): Promise<void> {
  const foreign = (await namesIn(folder)).find((name) => !ours.test(name));
  if (foreign === undefined) return;
  throw new Problem({
    doing: `Making the demo shop in ${folder}`,
    why: `the folder holds "${foreign}", which is not part of a demo shop`,
    next: "Choose an empty or a new folder",
  });
}

/**
 * A killed attempt leaves its folder behind. The process id in its name tells if it is still being
 * filled.
 */
async function removeDeadAttempts(folder: string): Promise<void> {
  const parent = dirname(resolve(folder));
  const prefix = `${basename(resolve(folder))}.partial-`;
  for (const name of await namesIn(parent)) {
    if (!name.startsWith(prefix)) continue;
    const pid = name.slice(prefix.length);
    const isLeft = Number(pid) === process.pid || !isAlive(`${hostname()}:${pid}`);
    if (isLeft) await rm(join(parent, name), { recursive: true, force: true });
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
}

function isDiskError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}

function diskProblem(folder: string, error: NodeJS.ErrnoException): Problem {
  return new Problem({
    doing: `Making the demo shop in ${folder}`,
    why: error.message,
    next: "Choose a folder that can be written to, on a disk with room",
    cause: error,
  });
}
