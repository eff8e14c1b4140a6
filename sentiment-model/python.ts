import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { Problem } from "../contracts/problem.ts";
import { venv } from "../test/venv.ts";

export const SENTIMENT_REQUIREMENTS = join(import.meta.dirname, "requirements.txt");

/**
 * The Python that makes, runs and measures the default sentiment model.
 * @throws Problem when there is no Python 3.11, or the packages cannot be had
 */
export const sentimentPython = (): string => venv("sentiment", SENTIMENT_REQUIREMENTS);

/** A program of this folder. */
export const sentimentProgram = (name: string): string => join(import.meta.dirname, name);

/** Makes the default sentiment model. @throws Problem when that fails; Python has said why. */
export function makeSentimentModel(python: string, folder: string): void {
  const { status } = spawnSync(python, [sentimentProgram("make.py"), folder], { stdio: "inherit" });
  if (status === 0) return;
  throw new Problem({
    doing: `Making the sentiment model in ${folder}`,
    why: "Python could not make it; its message is above",
    next: "check that the folder can be written; if it can, remove .cache/venv-sentiment and try again",
  });
}
