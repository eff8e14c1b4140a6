import { randomUUID } from "node:crypto";
import {
  type Dirent,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  writeSync,
} from "node:fs";
import { open, readdir, rm, rmdir } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isTemporary, LOCK, ownerOfTemporary, temporaryName } from "../../contracts/layout.ts";
import { Problem } from "../../contracts/problem.ts";
import { isAlive, PROCESS_OWNER } from "../process-owner.ts";
import { GenerationConflict, type Objects } from "../../night/state/objects.ts";

/** Objects as files below a folder, under their own paths. `current.json` opens in any editor. */
export function fileObjects(folder: string): Objects {
  const root = resolve(folder);
  const locate = (path: string) => join(root, ...checked(path));
  return {
    async get(path) {
      const file = await openIfExists(locate(path));
      if (!file) return null;
      try {
        const { ino, mtimeNs } = await file.stat({ bigint: true });
        return { data: await file.readFile(), generation: `${ino}-${mtimeNs}` };
      } finally {
        await file.close();
      }
    },

    async put(path, data, condition) {
      const target = locate(path);
      if (!condition) return replace(target, data);
      return exclusively(root, () => {
        if (generationOf(target) !== condition.ifGeneration) throw new GenerationConflict(path);
        return replace(target, data);
      });
    },

    async list(prefix) {
      // The folder part of the prefix bounds the walk; the rest is compared as text.
      const below = prefix.slice(0, prefix.lastIndexOf("/") + 1);
      const entries = await readdir(join(root, below), { recursive: true, withFileTypes: true }).catch(
        missingIsEmpty,
      );
      return entries
        .filter((entry) => entry.isFile() && !isInternal(entry.name))
        .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"))
        .filter((path) => path.startsWith(prefix))
        .sort();
    },

    async delete(path) {
      const target = locate(path);
      await rm(target, { force: true });
      await removeEmptyFolders(dirname(target), root);
    },
  };
}

/** A writer that cannot be asked, on another machine, is taken for dead after this time. */
const WRITES_MS = 3_600_000;

/**
 * Removes half-written files of killed writers. Call it while no run of this folder is active.
 * Others may write all the same: an operator takes items down, a recommender forgets a user.
 */
export async function sweepTemporaries(root: string): Promise<void> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(missingIsEmpty);
  const left = entries.filter((entry) => isTemporary(entry.name) && !isBeingWritten(entry));
  await Promise.all(
    left.map((entry) => rm(join(entry.parentPath, entry.name), { recursive: true, force: true })),
  );
}

function isBeingWritten({ parentPath, name }: Dirent): boolean {
  const writer = ownerOfTemporary(name);
  if (writer === undefined || writer === PROCESS_OWNER || !isAlive(writer)) return false;
  const { mtimeMs } = statSync(join(parentPath, name), { throwIfNoEntry: false }) ?? { mtimeMs: 0 };
  return Date.now() - mtimeMs < WRITES_MS;
}

/** A temporary path that `sweepTemporaries` cleans up; for adapters that write files themselves. */
export function temporaryPath(target: string): string {
  return join(dirname(target), temporaryName(PROCESS_OWNER, randomUUID()));
}

function isInternal(name: string): boolean {
  return isTemporary(name) || name === LOCK;
}

function checked(path: string): string[] {
  const segments = path.split("/");
  const bad = segments.some((segment) => segment === "" || segment === "." || segment === "..");
  if (bad) throw new TypeError(`object path ${JSON.stringify(path)}: segments must be names`);
  return segments;
}

async function openIfExists(path: string) {
  try {
    return await open(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function generationOf(target: string): string | null {
  const stat = statSync(target, { bigint: true, throwIfNoEntry: false });
  return stat ? `${stat.ino}-${stat.mtimeNs}` : null;
}

/**
 * Write aside, flush, rename: a reader sees the old file or the new one, and so does a machine
 * after a power cut.
 */
function replace(target: string, data: Uint8Array | string): string {
  makeFolder(dirname(target));
  const temporary = temporaryPath(target);
  const file = openSync(temporary, "wx");
  try {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, target);
  flushFolder(dirname(target));
  return generationOf(target)!;
}

/**
 * Node's own recursive mkdir never returns where the system answers ENOENT below an existing folder
 * (/proc does).
 */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  if (!existsSync(dirname(path))) makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process may have been faster.
    if (!existsSync(path)) throw error;
  }
}

/**
 * A rename survives a power cut once its folder is flushed. Windows cannot do this, and need not.
 */
function flushFolder(folder: string): void {
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  fsyncSync(handle);
  closeSync(handle);
}

/**
 * SQLite's file lock as a mutex between processes. The operating system frees it when its holder
 * dies.
 */
function exclusively<T>(root: string, action: () => T): T {
  makeFolder(root);
  const mutex = new DatabaseSync(join(root, LOCK), { timeout: 10_000 });
  try {
    begin(mutex, join(root, LOCK));
    return action();
  } finally {
    mutex.close();
  }
}

function begin(mutex: DatabaseSync, path: string): void {
  try {
    mutex.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    const { errstr } = cause as { errstr?: string };
    if (errstr === undefined) throw cause;
    const isHeld = errstr.includes("locked");
    const why = isHeld ? "another process has held it for ten seconds" : `it is damaged: ${errstr}`;
    const next = isHeld
      ? "wait for the other one, or end it; then run the command again"
      : "delete the file: nothing is kept in it. Then run the command again";
    throw new Problem({ doing: `Locking ${path}`, why, next, cause });
  }
}

async function removeEmptyFolders(folder: string, root: string): Promise<void> {
  for (let at = folder; at.length > root.length; at = dirname(at)) {
    try {
      await rmdir(at);
    } catch {
      return; // Not empty, or gone already.
    }
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

export function missingIsEmpty(error: unknown): [] {
  if (isMissing(error)) return [];
  throw error;
}
