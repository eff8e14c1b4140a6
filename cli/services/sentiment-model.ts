import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { bucketOf } from "../../adapters/storage/choose.ts";
import { LANGUAGE_MODEL } from "../../contracts/layout.ts";
import { showProgress, type Progress } from "../progress.ts";
import { startLeashed } from "./start-leashed.ts";
import { tell } from "../print.ts";

const MAKER = fileURLToPath(new URL("../../sentiment-model/make.ts", import.meta.url));
const TITLE = "sentiment";
const BY_HAND = "Reviews are kept, and wait for it. To make it: npm run model:sentiment";
/** What the maker says, and how much of its work is done then: most of it is fetching packages. */
const STEPS: [says: string, fraction: number][] = [
  ["Looking", 0],
  ["Setting up Python", 0.05],
  ["Reading", 0.7],
  ["Writing", 0.8],
];

/** True if there is no model in this folder of this machine. */
export const isMissing = (folder: string) =>
  bucketOf(folder) === undefined && !existsSync(join(folder, LANGUAGE_MODEL.config));

/**
 * Makes the default sentiment model in a process of its own, which leaves the processor to others
 * and ends with this one. It never throws: what went wrong is shown, with what to do.
 */
export async function makeInBackground(folder: string): Promise<void> {
  const progress = showProgress(process.stderr);
  if (!existsSync(MAKER)) return progress.done(TITLE, `there is no model in ${folder}. ${ELSEWHERE}`);
  const trouble = await make(folder, progress).catch((error: Error) => [error.message]);
  if (trouble === null)
    return progress.done(TITLE, `the model is in ${folder}; reviews get their sentiment now`);
  progress.done(TITLE, "the model could not be made");
  tell(`${trouble.join("\n")}\n${BY_HAND}\n`);
}

/**
 * Null: it is made. Else the maker's last lines of trouble.
 * @throws when the maker cannot be started
 */
async function make(folder: string, progress: Progress): Promise<string[] | null> {
  const maker = startLeashed(MAKER, folder);
  const ended = once(maker, "close");
  const said = maker.pid === undefined ? [] : follow(maker, progress);
  const [status] = await ended;
  return status === 0 ? null : said;
}

const ELSEWHERE = "Reviews are kept, and wait for one: docs/INFERENCE.md says what to put there";

/** Shows what the maker says. @returns its last lines of trouble, as they come */
function follow({ pid, stdout, stderr }: ChildProcess, progress: Progress): string[] {
  try {
    setPriority(pid!, constants.priority.PRIORITY_LOW);
  } catch {
    // It has ended already, and says why.
  }
  const show = (line: string) => {
    const [, fraction] = STEPS.find(([says]) => line.startsWith(says)) ?? [];
    if (fraction !== undefined) progress.update(TITLE, fraction, line);
  };
  const troubles: string[] = [];
  createInterface({ input: stdout! }).on("line", show);
  createInterface({ input: stderr! }).on("line", (line) => {
    show(line);
    troubles.push(line);
    if (troubles.length > 20) troubles.shift();
  });
  return troubles;
}
