import { Value } from "typebox/value";
import { paths, userFactorsBeside } from "../../contracts/layout.ts";
import { Manifest } from "../../contracts/manifest.ts";
import { LoadMetrics, type ModelFile } from "../../contracts/metrics.ts";
import { keptAnswers, type ModelAnswers } from "../../contracts/settings/query.ts";
import { Problem } from "../../contracts/problem.ts";
import { readDocument } from "./document.ts";
import { knownOf, type KnownErasures } from "./erased-list.ts";
import type { Objects } from "./objects.ts";
import { sha256 } from "./sha256.ts";

/** Stores a file of a model, and says what it is. */
export async function putFile(
  objects: Objects,
  path: string,
  data: Uint8Array,
  hash: typeof sha256 = sha256,
): Promise<ModelFile> {
  const file = { path, bytes: data.length, sha256: await hash(data) };
  await objects.put(path, data);
  return file;
}

/**
 * Stores users' factors from which somebody was left out, under a name of their content. There may
 * be a file with everybody, and nothing is overwritten.
 */
export async function putUsersWithout(
  objects: Objects,
  beside: string,
  data: Uint8Array,
  hash: typeof sha256 = sha256,
): Promise<ModelFile> {
  const digest = await hash(data);
  return putFile(objects, userFactorsBeside(beside, digest), data, async () => digest);
}

/** A model's files, as its run's manifest names them. */
export interface ModelFiles {
  loaded: LoadMetrics;
  /**
   * Reads a file, checks its checksum, and opens it.
   * @throws Problem when it is missing, damaged or does not fit.
   */
  open<T>(file: ModelFile, decode: (data: Uint8Array) => T | Promise<T>): Promise<T>;
}

/** The same, with the erasures of users that the model's export knew of. */
export interface KeptFiles extends ModelFiles {
  known: KnownErasures;
  /** What the model's answers go by, where the settings say nothing else. */
  answers: ModelAnswers;
}

/** What a model was made with. */
export interface MadeWith {
  /** Users have factors. */
  hasFactors: boolean;
  /** When its night read the shop's catalogue: milliseconds since 1970; 0: it read none. */
  readAt: number;
  /** What its answers go by, where the settings say nothing else. */
  answers: ModelAnswers;
}

/** What a model was made with: nothing without its manifest, which a store may not need. */
export async function madeWith(objects: Objects, shop: string, model: string): Promise<MadeWith> {
  const manifest = await manifestOf(objects, shop, model);
  const answers = keptAnswers(manifest?.settings ?? {});
  const loaded = manifest?.stages.load.metrics;
  if (!Value.Check(LoadMetrics, loaded)) return { hasFactors: false, readAt: 0, answers };
  const { factors, catalogue } = loaded;
  const readAt = catalogue ? Date.parse(catalogue.readAt) : 0;
  return { hasFactors: factors !== undefined, readAt, answers };
}

const manifestOf = async (objects: Objects, shop: string, model: string) =>
  (await readDocument(objects, paths.manifest(shop, model), Manifest))?.value;

/** @throws Problem when the manifest names no files. */
export async function filesOfModel(
  objects: Objects,
  shop: string,
  model: string,
  hash: typeof sha256 = sha256,
): Promise<KeptFiles> {
  const damaged = (why: string, cause?: unknown) => {
    const next = `publish another model: steamer rollback --shop ${shop}, or run the night again`;
    return new Problem({ doing: `Loading model ${model} of ${shop}`, why, next, cause });
  };
  const manifest = await manifestOf(objects, shop, model);
  const loaded = manifest?.stages.load.metrics;
  if (!Value.Check(LoadMetrics, loaded)) throw damaged("its run's manifest names no snapshot");
  return {
    loaded,
    known: knownOf(manifest!),
    answers: keptAnswers(manifest!.settings),
    async open(file, decode) {
      const stored = await objects.get(file.path);
      if (!stored) throw damaged(`${file.path} is missing`);
      if ((await hash(stored.data)) !== file.sha256) throw damaged(`${file.path} has another checksum`);
      try {
        return await decode(stored.data);
      } catch (cause) {
        throw damaged(`${file.path} does not fit: ${(cause as Error).message}`, cause);
      }
    },
  };
}
