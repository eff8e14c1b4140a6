import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";

export interface Finished {
  /** The exit code, or the signal that ended it. */
  status: number | string;
  stdout: string;
  stderr: string;
}

const COMMAND = resolve("bin/steamer.js");

/** Starts `steamer` in a folder, as a person would. */
export function start(
  cwd: string,
  args: string[],
  env: NodeJS.ProcessEnv = {},
): ChildProcess & { finished: Promise<Finished> } {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd,
    env: { ...process.env, PORT: "", ...env },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const finished = new Promise<Finished>((done) => {
    child.on("close", (code, signal) => done({ status: code ?? signal!, stdout, stderr }));
  });
  return Object.assign(child, { finished });
}

/** Runs `steamer` to its end. */
export function steamer(cwd: string, ...args: string[]): Promise<Finished> {
  return start(cwd, args).finished;
}

/** Real data, which is not part of the project: where it lies, or undefined if it is not there. */
export function realData(name: string): string | undefined {
  const path = resolve(process.env["STEAMER_TEST_DATA"] ?? "../shared/data", name);
  return existsSync(path) ? path : undefined;
}

/**
 * A week of a small shop as CSV: deterministic, with clear tastes: users like the items of one of
 * four families.
 */
export function smallShop(lastDay: string, users = 60): string {
  const last = Date.parse(lastDay);
  // A guest: nobody's interaction.
  const rows = ["user,item,event,time", `,tea-1,view,${lastDay}T10:00:00Z`];
  for (let u = 0; u < users; u++) {
    for (let k = 0; k < 6; k++) {
      const item = `${["tea", "ink", "rope", "seed"][u % 4]}-${(u * 7 + k * k) % 9}`;
      const time = new Date(last - ((u + k) % 7) * 86_400_000 + u * 60_000 + k * 1000).toISOString();
      rows.push(`user-${u},${item},${["view", "view", "cart", "buy"][(u + k) % 4]},${time}`);
    }
  }
  return rows.join("\n") + "\n";
}
