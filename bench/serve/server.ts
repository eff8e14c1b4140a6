import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Problem } from "../../contracts/problem.ts";
import type { Report } from "./report.ts";
import { SHOP } from "./made-shop.ts";

/**
 * The cores of the processes, if the machine has two and Linux' taskset: the server on one, the
 * load on the other.
 */
export const SERVER_CORE = 1;
export const LOAD_CORE = 0;
export const isPinned = availableParallelism() > 1 && existsSync("/usr/bin/taskset");

/** The environment of the recommender's image: every contender runs with it. */
function deployedEnv(): Record<string, string> {
  const image = readFileSync(join(import.meta.dirname, "../../serving/Dockerfile"), "utf8");
  return Object.fromEntries(
    [...image.matchAll(/^ENV (\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
  );
}

/**
 * Starts a script on a core of its own. Its output goes to a file: a container's does not go to a
 * screen either.
 */
export function forkOn(
  core: number,
  script: string,
  args: string[],
  env: Record<string, string>,
  imports: string[] = [],
) {
  const log = openSync(join(import.meta.dirname, "../../.cache/bench/serve.log"), "a");
  const execArgv = [
    ...imports.flatMap((path) => ["--import", path]),
    ...(process.env["BENCH_NODE"]?.split(" ") ?? []),
  ];
  const command = isPinned
    ? { execPath: "/usr/bin/taskset", execArgv: ["-c", `${core}`, process.execPath, ...execArgv] }
    : { execArgv };
  const child = fork(script, args, {
    ...command,
    env: { ...process.env, ...deployedEnv(), ...env },
    stdio: ["ignore", log, log, "ipc"],
  });
  closeSync(log);
  return child;
}

export interface Running {
  port: number;
  /** From starting the process to its first answer. */
  startMs: number;
  report(): Promise<Report>;
  stop(): Promise<void>;
}

/**
 * The recommender as it is deployed: compiled, its own entry point, settings from the environment.
 */
export function startOurs(script: string, data: string, first?: string): Promise<Running> {
  const env = { STEAMER_DATA: data, STEAMER_SHOP: SHOP, STEAMER_HOST: "127.0.0.1", STEAMER_ACCESS: "iam" };
  return start(script, [], env, first ?? "/livez");
}

/** A server that gives everybody the same answer, from a file. */
export function startHello(framework: "fastify" | "express", sample: string): Promise<Running> {
  return start(join(import.meta.dirname, `hello-${framework}.ts`), [sample], {}, "/make_recommendation");
}

async function start(
  script: string,
  args: string[],
  env: Record<string, string>,
  first: string,
): Promise<Running> {
  const port = await freePort();
  const report = join(import.meta.dirname, "report.ts");
  const startedAt = performance.now();
  const child = forkOn(SERVER_CORE, script, args, { ...env, PORT: `${port}` }, [report]);
  await answers(child, `http://127.0.0.1:${port}${first}`);
  const startMs = performance.now() - startedAt;
  return {
    port,
    startMs,
    async report() {
      child.send("report");
      return (await once(child, "message"))[0] as Report;
    },
    async stop() {
      child.kill("SIGINT");
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}

async function answers(child: ChildProcess, url: string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) {
      const next = "see the end of .cache/bench/serve.log";
      throw new Problem({ doing: `Starting ${url}`, why: `it ended with ${child.exitCode}`, next });
    }
    const answer = await fetch(url).catch(() => null);
    await answer?.arrayBuffer();
    if (answer?.ok) return;
    await setTimeout(2);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
