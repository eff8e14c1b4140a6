import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** Where Node keeps compiled modules from one measurement to the next. */
export const COMPILE_CACHE = join(import.meta.dirname, "../.cache/bench/compiled");

/** A file of peers/. */
export const peerFile = (name: string) => join(import.meta.dirname, "peers", name);

/**
 * Runs a program that prints its measurement as JSON. Node's compiled modules are kept, so that a
 * measurement contains neither the stripping of types nor the first compilation. A built package
 * has no types to strip, and Python has its .pyc.
 */
export function runJson(
  command: string,
  args: string[],
  threads: number,
  more: NodeJS.ProcessEnv = {},
): unknown {
  const limits = { OMP_NUM_THREADS: `${threads}`, OPENBLAS_NUM_THREADS: "1", PYTHONDONTWRITEBYTECODE: "1" };
  const env = { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE, ...limits, ...more };
  const { status, signal, stdout, stderr } = spawnSync(command, args, { env, encoding: "utf8" });
  if (status !== 0)
    throw new Error(`${[command, ...args].join(" ")} failed (${signal ?? status}):\n${stderr}`);
  return JSON.parse(stdout);
}
