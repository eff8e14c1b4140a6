import { spawn } from "node:child_process";
import { Problem } from "../contracts/problem.ts";
import type { Settings } from "../contracts/settings/settings.ts";

/** What a Personalizer that another command has started tells it. */
export interface Started {
  address: string;
}

/**
 * Starts a Personalizer as a process of its own, on a free port of this machine. It ends with this
 * process, however that ends.
 * @param config the settings file that was named
 * @returns its host:port
 * @throws Problem when it ends before it listens.
 */
export async function startPersonalizer(settings: Settings, config: string | undefined): Promise<string> {
  const { data, shop, shops, "als.blend": blend } = settings;
  const several = shops.length > 0 ? ["--shops", shops.join(",")] : [];
  const file = config === undefined ? [] : ["--config", config];
  const shared = ["--data", data, "--shop", shop, ...several, "--als.blend", `${blend}`, ...file];
  const args = [process.argv[1], "personalizer", ...shared, "--personalizer.port", "0"];
  // Without the channel between them it stops: closing it needs no signal.
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const started = new Promise<Started>((resolve, reject) => {
    child.once("message", (message) => resolve(message as Started));
    child.once("error", reject);
    child.once("exit", (code, signal) => reject(ended(code ?? signal)));
  });
  const { address } = await started;
  child.unref();
  child.channel?.unref();
  return address;
}

function ended(how: unknown): Problem {
  return new Problem({
    doing: "Starting the Personalizer",
    why: `it ended with ${String(how)} before it answered`,
    next: "look at its message above",
  });
}
