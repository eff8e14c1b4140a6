import { spawn } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { Problem } from "../contracts/problem.ts";

export interface Outcome {
  status: number;
  stdout: string;
  stderr: string;
}
/** Runs a program to its end; without an input it has an empty one. */
export type Execute = (tool: string, args: string[], input?: string) => Promise<Outcome>;

/** The changes of one deployment, by any tool. */
export class Journal {
  /** The number of changes made; in a dry run, of those it would make. */
  changes = 0;
  readonly dryRun: boolean;
  /** True once it is known that nobody is logged in: a dry run then plans for an empty project. */
  isBlind = false;
  readonly #announce: (command: string) => void;

  constructor({ dryRun = false, announce = (_command: string) => {} } = {}) {
    this.dryRun = dryRun;
    this.#announce = announce;
  }

  goBlind(): null {
    if (!this.isBlind)
      this.#announce("# nobody is logged in to gcloud: this is the plan for an empty project");
    this.isBlind = true;
    return null;
  }

  /** Reports a change before it is made: + something new, - something less, ~ something else. */
  add(command: string, words: readonly string[] = []): void {
    this.changes++;
    this.#announce(`${signOf(words)} ${command}`);
  }
}

function signOf(words: readonly string[]): "+" | "-" | "~" {
  const isOf = (verbs: RegExp) => words.some((word) => verbs.test(word));
  if (isOf(/^(delete|bulk-delete|rm|remove-.*)$/)) return "-";
  return isOf(/^(create|enable|add-.*|mk|cp|submit|build)$/) ? "+" : "~";
}

/** A program, and the words before and after those of each call. */
export interface ToolOptions {
  name: string;
  before?: string[];
  after?: string[];
  journal: Journal;
  execute?: Execute;
  /** Milliseconds between tries. */
  pauses?: number[];
}

/** gcloud or bq. Reads and changes are apart: a dry run makes the reads alone. */
export class Tool {
  readonly #options: ToolOptions;
  readonly #execute: Execute;

  constructor(options: ToolOptions) {
    this.#options = options;
    this.#execute = options.execute ?? execute;
  }

  /**
   * A command's output, or null when its object does not exist.
   * @throws Problem when it fails for any other reason.
   */
  async read(...words: string[]): Promise<string | null> {
    const { name, journal } = this.#options;
    const args = this.#args(words);
    if (journal.isBlind) return null;
    const { status, stdout, stderr } = await (journal.dryRun ? this.#execute(name, args) : this.#again(args));
    if (status === 0) return stdout;
    if (journal.dryRun && isLoggedOut(stderr)) return journal.goBlind();
    if (isMissing(stdout + stderr)) return null;
    // Before the first deployment the services are off: nothing can exist there.
    if (journal.dryRun && /SERVICE_DISABLED|has not been used in project/.test(stderr)) return null;
    throw failure(shown(name, args), stdout + stderr);
  }

  /** Like read, as JSON. */
  async readJson<T>(...words: string[]): Promise<T | null> {
    const text = await this.read(...words, "--format=json");
    return text === null ? null : (JSON.parse(text || "null") as T);
  }

  /** Like read, as a list. */
  async list<T>(...words: string[]): Promise<T[]> {
    return (await this.readJson<T[]>(...words)) ?? [];
  }

  /** Makes a change, and returns what the command printed. @throws Problem when it fails. */
  async change(...words: string[]): Promise<string> {
    return this.#change(words);
  }

  /**
   * A change that reads its standard input, where nobody can see a secret.
   * @throws Problem when it fails.
   */
  async feed(input: string, ...words: string[]): Promise<string> {
    return this.#change(words, input);
  }

  async #change(words: string[], input?: string): Promise<string> {
    const { name, journal } = this.#options;
    const args = this.#args(words);
    journal.add(shown(name, args), words);
    if (journal.dryRun) return "";
    const { status, stdout, stderr } = await this.#again(args, input);
    if (status !== 0) throw failure(shown(name, args), stdout + stderr);
    return stdout;
  }

  /**
   * Tries again what may pass: Google Cloud takes a while until what was made is seen everywhere,
   * and refuses changes of one policy at the same time.
   */
  async #again(args: string[], input?: string): Promise<Outcome> {
    const { name, pauses = PAUSES_MS } = this.#options;
    for (let tries = 0; ; tries++) {
      const outcome = await this.#execute(name, args, input);
      const isOver = outcome.status === 0 || tries === pauses.length;
      if (isOver || !mayPass(outcome.stdout + outcome.stderr)) return outcome;
      await setTimeout(pauses[tries]);
    }
  }

  #args(words: string[]): string[] {
    const { before = [], after = [] } = this.#options;
    return [...before, ...words, ...after];
  }
}

/**
 * A refusal for lack of permission also says "or it may not exist". It does not prove that
 * something is missing.
 */
function isMissing(text: string): boolean {
  if (/PERMISSION_DENIED|does not have permission|Access Denied|\b403\b/i.test(text)) return false;
  return /NOT_FOUND|not found|could not be found|Cannot find|matched no objects/i.test(text);
}

function failure(command: string, output: string): Problem {
  const why = output.trim().split("\n").slice(-12).join("\n") || "it failed without a word";
  const next = "mend what it says and run the command again: what is done already is not done twice";
  return new Problem({ doing: `Running ${command}`, why, next });
}

/** Milliseconds between tries: a minute in all. */
const PAUSES_MS = [2_000, 4_000, 8_000, 16_000, 30_000];

const mayPass = (text: string) =>
  /\bABORTED\b|concurrent policy changes|\bUNAVAILABLE\b|\b503\b|[Ss]ervice account \S+ does not exist|SERVICE_DISABLED|has not been used in project|[Cc]annot find metric/.test(
    text,
  );

const isLoggedOut = (text: string) =>
  /do not currently have an active account|not logged in|Reauthentication|gcloud auth login/.test(text);

/** A command as a person would type it. */
const shown = (name: string, args: string[]) => [name, ...args].map(quoted).join(" ");
const quoted = (word: string) =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

async function start(tool: string, args: string[], input = ""): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, args, { stdio: "pipe" });
    // A tool that ends without reading its input reports its own error.
    child.stdin.on("error", () => {}).end(input);
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.on("error", (cause) => reject(noTool(tool, cause)));
    child.on("close", (status) => {
      const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString();
      resolve({ status: status ?? 1, stdout: text(stdout), stderr: text(stderr) });
    });
  });
}

function noTool(tool: string, cause: Error): Problem {
  const next = "install the Google Cloud CLI: https://cloud.google.com/sdk/docs/install";
  return new Problem({ doing: `Running ${tool}`, why: cause.message, next, cause });
}

/** Waits for all actions, also after a failure: nothing goes on behind an error's back. */
export async function together(actions: Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(actions);
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed) throw failed.reason;
}

/** At most so many at once. */
function limited(most: number, execute: Execute): Execute {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (tool, args, input) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await execute(tool, args, input);
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}

const execute = limited(4, start);
