import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/**
 * Names this process, as the holder of a lease and the writer of files: `host:pid.start`. A
 * container that is started again has the host and the pid of the one before, but another start.
 */
export const PROCESS_OWNER = `${hostname()}:${process.pid}.${startOf(process.pid)}`;

/**
 * True when the process of this name lives. Processes of another machine cannot be checked and
 * count as alive.
 */
export function isAlive(owner: string): boolean {
  const [, host, pid, start] = /^(.*):(\d+)(?:\.(\d+))?$/.exec(owner) ?? [];
  if (host !== hostname()) return true;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    // EPERM means that the process lives, but belongs to another user.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const now = startOf(Number(pid));
  return start === undefined || now === 0 || Number(start) === now;
}

/** When a process started, in ticks since the machine did; 0 where the system has no /proc. */
function startOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name of the program may have blanks: what follows it are the fields from the third on.
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
  } catch {
    return 0;
  }
}
