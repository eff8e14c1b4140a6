import { spawn } from "node:child_process";
import { Problem } from "../../contracts/problem.ts";

/** What a service that another command has started tells it. */
export interface Started {
  address: string;
}

/**
 * Starts a service by its command, as a process of its own. It ends with this process, however that
 * ends.
 * @param name for people
 * @param config the settings file that was named
 * @returns its host:port
 * @throws Problem when it ends before it listens.
 */
export async function startService(
  name: string,
  command: string,
  args: readonly string[],
  config: string | undefined,
): Promise<string> {
  const file = config === undefined ? [] : ["--config", config];
  // Without the channel between them it stops: closing it needs no signal.
  const child = spawn(process.execPath, [process.argv[1], command, ...args, ...file], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const started = new Promise<Started>((resolve, reject) => {
    child.once("message", (message) => resolve(message as Started));
    child.once("error", reject);
    child.once("exit", (code, signal) => reject(ended(name, code ?? signal)));
  });
  const { address } = await started;
  child.unref();
  child.channel?.unref();
  return address;
}

function ended(name: string, how: unknown): Problem {
  return new Problem({
    doing: `Starting ${name}`,
    why: `it ended with ${String(how)} before it answered`,
    next: "look at its message above",
  });
}
