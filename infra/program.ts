import { parseArgs } from "node:util";
import { Problem } from "../contracts/problem.ts";
import { openCloud, type Cloud } from "./cloud.ts";
import { readDeployment } from "./deployment.ts";

/** The options of the command line, beside the settings file. */
export type Given = Record<string, string | boolean | undefined>;

/**
 * Runs a program of this folder on the project of a settings file. `flags` beside `--dry-run` are
 * switches; a flag whose name ends in `=` takes a value. With `actions`, one of them comes before
 * the file, as `given.action`.
 */
export async function main(
  usage: string,
  flags: string[],
  run: (cloud: Cloud, given: Given) => Promise<string>,
  actions: string[] = [],
): Promise<void> {
  try {
    const { file, given } = readCommand(usage, ["dry-run", ...flags], actions);
    const announce = (command: string) => console.log(command);
    const cloud = openCloud(readDeployment(file), { dryRun: given["dry-run"] === true, announce });
    console.log(`\n${await run(cloud, given)}`);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    console.error(`\n${error.message}`);
    process.exitCode = 1;
  }
}

function readCommand(usage: string, flags: string[], actions: string[]): { file: string; given: Given } {
  const refuse = (why: string, cause?: unknown) =>
    new Problem({ doing: "Reading the command", why, next: usage, cause });
  const kind = (flag: string) => (flag.endsWith("=") ? "string" : "boolean");
  const options = Object.fromEntries(
    flags.map((flag) => [flag.replace("=", ""), { type: kind(flag) } as const]),
  );
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const [action] = actions.length > 0 ? positionals.splice(0, 1) : [];
    if (actions.length > 0 && !actions.includes(action ?? ""))
      throw new Error(`it says neither ${actions.join(" nor ")}`);
    if (positionals.length === 1) return { file: positionals[0], given: { ...values, action } as Given };
  } catch (cause) {
    throw refuse((cause as Error).message, cause);
  }
  throw refuse("it names no settings file, or more than one");
}
