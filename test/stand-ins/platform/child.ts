import { spawn, type ChildProcess } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";

/** A port of 127.0.0.1 that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

export interface ChildOptions {
  command: string;
  args: string[];
  /** Added to this process's environment. */
  env?: Record<string, string>;
  cwd?: string;
}

export interface Finished {
  code: number | null;
  stdout: string;
  /** Its last lines: the text of a failure. */
  stderr: string;
}

/**
 * The processes of one cloud. Each has a process group of its own, so that its own children end
 * with it. A small shell beside us notices our death, of any cause, and ends the remaining groups.
 */
export class Children {
  readonly #running = new Map<ChildProcess, Promise<Finished>>();
  #guard: ChildProcess | undefined;

  /**
   * Starts a process that ends by itself. Aborting the signal kills it with all that it started.
   */
  run(options: ChildOptions, signal?: AbortSignal): Promise<Finished> {
    const { child, finished } = this.#spawn(options);
    const kill = () => killGroup(child);
    if (signal?.aborted) kill();
    signal?.addEventListener("abort", kill);
    return finished.finally(() => signal?.removeEventListener("abort", kill));
  }

  /**
   * Starts a server, and waits until the server itself reports that it listens. An answering port
   * may be another process's.
   * @throws Error with its output when it ends before that, or reports nothing for a minute.
   */
  async serve(options: ChildOptions, ready: RegExp): Promise<void> {
    const { child, finished } = this.#spawn(options);
    let output = "";
    const saysReady = new Promise<void>((done) => {
      const look = (chunk: Buffer) => ready.test((output += chunk.toString())) && done();
      child.stdout!.on("data", look);
      child.stderr!.on("data", look);
    });
    const patience = AbortSignal.timeout(60_000);
    const tooLate = new Promise<never>((_, fail) => {
      patience.addEventListener("abort", () =>
        fail(new Error(`${options.command} is not ready:\n${output}`)),
      );
    });
    const ended = finished.then(({ code }) => {
      throw new Error(`${options.command} ended (${code}) before it was ready:\n${output}`);
    });
    // The losers of the race may fail later, when nothing handles it any more.
    for (const loser of [tooLate, ended]) loser.catch(() => {});
    try {
      await Promise.race([saysReady, ended, tooLate]);
    } catch (error) {
      killGroup(child);
      throw error;
    }
  }

  /** Ends all of them, and returns when they are gone. */
  async close(): Promise<void> {
    for (const child of this.#running.keys()) killGroup(child);
    await Promise.all(this.#running.values());
    this.#guard?.stdin!.end();
  }

  #spawn({ command, args, env, cwd }: ChildOptions) {
    const child = spawn(command, args, {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
      cwd,
    });
    this.#watch(child);
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (stdout = tail(stdout + chunk.toString())));
    child.stderr.on("data", (chunk: Buffer) => (stderr = tail(stderr + chunk.toString())));
    const finished = new Promise<Finished>((done) => {
      child.on("error", (error) => (stderr += error.message));
      child.on("close", (code) => done({ code, stdout, stderr }));
    }).finally(() => {
      this.#running.delete(child);
      if (child.pid) this.#guard!.stdin!.write(`- ${child.pid}\n`);
    });
    this.#running.set(child, finished);
    return { child, finished };
  }

  #watch(child: ChildProcess): void {
    this.#guard ??= startGuard();
    if (child.pid) this.#guard.stdin!.write(`+ ${child.pid}\n`);
  }
}

/**
 * Reads "+ group" and "- group". Its input ends when we end; then it kills the remaining groups.
 */
const GUARD = `
groups=""
while read -r sign group; do
  case "$sign" in
    +) groups="$groups $group" ;;
    -) left=""; for g in $groups; do [ "$g" = "$group" ] || left="$left $g"; done; groups="$left" ;;
  esac
done
for g in $groups; do kill -s KILL -- "-$g"; done`;

function startGuard(): ChildProcess {
  const guard = spawn("sh", ["-c", GUARD], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  guard.stdin.on("error", () => {});
  guard.unref();
  return guard;
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid) process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

const tail = (text: string) => text.slice(-100_000);
