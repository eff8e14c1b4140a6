import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../stand-ins/platform/child.ts";

/** A recommender in a process of its own, as the container starts it. */
export interface Running {
  url: string;
  port: number;
  /** All that it has written so far: its log. */
  log(): string;
  isAlive(): boolean;
  /** Sends it a signal. */
  kill(signal: NodeJS.Signals): void;
  /** Its exit code, when it has ended. */
  ended: Promise<number | null>;
}

/** Starts recommender/main.ts on a folder, and waits until a model answers. */
export async function startRecommender(folder: string, env: Record<string, string> = {}): Promise<Running> {
  const port = await freePort();
  const settings = {
    PORT: `${port}`,
    STEAMER_HOST: "127.0.0.1",
    STEAMER_ACCESS: "iam",
    STEAMER_DATA: folder,
    STEAMER_SHOP: "toys",
    ...env,
  };
  const child = spawn(process.execPath, ["--no-warnings", "recommender/main.ts"], {
    env: { PATH: process.env["PATH"] ?? "", ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  // A test that fails must not leave it behind.
  process.once("exit", () => child.kill("SIGKILL"));
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, "exit").then(([code]) => code as number | null);
  const url = `http://127.0.0.1:${port}`;
  const running = {
    url,
    port,
    ended,
    log: () => output,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    kill: (signal: NodeJS.Signals) => void child.kill(signal),
  };
  const isReady = () =>
    fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  for (const patience = Date.now() + 30_000; !(await isReady()); await sleep(50)) {
    if (running.isAlive() && Date.now() < patience) continue;
    child.kill("SIGKILL");
    throw new Error(`it does not answer:\n${output}`);
  }
  return running;
}
