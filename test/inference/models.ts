import { execFile } from "node:child_process";
import { cpSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { sentimentPython } from "../../sentiment-model/python.ts";
import { temporaryFolder } from "../temporary.ts";

/** What Python says of the same texts: make_models.py. */
interface Expected {
  texts: string[];
  truncated: boolean[];
  /** Of each model that can be used, a row a text. */
  logits: Record<string, number[][]>;
}

/** The models of the tests, each in its folder, and what Python says of the texts. */
export async function madeModels(): Promise<{ folder: string; expected: Expected }> {
  const folder = temporaryFolder();
  const python = sentimentPython();
  await promisify(execFile)(python, ["test/inference/make_models.py", folder]);
  const expected = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as Expected;
  return { folder, expected };
}

/** Puts a copy of a model in place of another, as an operator would: config.json comes last. */
export function replaceModel(from: string, to: string): void {
  rmSync(join(to, "onnx"), { recursive: true, force: true });
  const isConfig = (path: string) => path === join(from, "config.json");
  cpSync(from, to, { recursive: true, filter: (path) => !isConfig(path) });
  rmSync(join(to, "config.json"), { force: true });
  cpSync(join(from, "config.json"), join(to, "config.json"));
}
