import { LANGUAGE_MODEL } from "../../contracts/layout.ts";
import type { Objects, Stored } from "../../night/state/objects.ts";
import { inSlices } from "../../serving/slices.ts";

/** The folder of a model. */
export type ModelFolder = Pick<Objects, "get">;

export interface ModelFiles {
  config: unknown;
  /** Bytes that threads share. */
  tokenizer: Uint8Array;
  tokenizerConfig: Uint8Array;
  graph: Uint8Array;
  /** Twelve hexadecimal digits, which follow from the content of all files. */
  version: string;
}

/** Tells a model from one that has taken its place; undefined: there is none. */
export async function generationOf(folder: ModelFolder): Promise<string | undefined> {
  return (await folder.get(LANGUAGE_MODEL.config))?.generation;
}

/**
 * Reads the files of a model. Its config.json is written last: if that is still the same in the
 * end, nobody has replaced the others meanwhile.
 * @throws Error with a reason for people when a file is missing or broken
 */
export async function readModelFiles(folder: ModelFolder, generation: string): Promise<ModelFiles> {
  const config = await needed(folder, LANGUAGE_MODEL.config);
  const tokenizer = await needed(folder, LANGUAGE_MODEL.tokenizer);
  const tokenizerConfig = await needed(folder, LANGUAGE_MODEL.tokenizerConfig);
  const graph = await firstGraph(folder);
  if ((await generationOf(folder)) !== generation)
    throw new Error("it was replaced while it was read; the next look reads it again");
  return {
    config: parsed(LANGUAGE_MODEL.config, config.data),
    tokenizer: shared(tokenizer),
    tokenizerConfig: shared(tokenizerConfig),
    graph: shared(graph),
    version: await versionOf([config, tokenizer, tokenizerConfig, graph]),
  };
}

/** @throws Error that names the file */
export function parsed(path: string, data: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(data).toString("utf8"));
  } catch (cause) {
    throw new Error(`${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

async function needed(folder: ModelFolder, path: string): Promise<Stored> {
  const stored = await folder.get(path);
  if (!stored) throw new Error(`${path} is missing`);
  return stored;
}

async function firstGraph(folder: ModelFolder): Promise<Stored> {
  for (const path of LANGUAGE_MODEL.graphs) {
    const stored = await folder.get(path);
    if (stored) return stored;
  }
  throw new Error(`the graph is missing: there is none of ${LANGUAGE_MODEL.graphs.join(", ")}`);
}

async function versionOf(files: readonly Stored[]): Promise<string> {
  const hashes: string[] = [];
  for (const { data } of files) hashes.push(await inSlices.sha256(data));
  return (await inSlices.sha256(Buffer.from(hashes.join()))).slice(0, 12);
}

function shared({ data }: Stored): Uint8Array {
  const bytes = new Uint8Array(new SharedArrayBuffer(data.length));
  bytes.set(data);
  return bytes;
}
