import { Value } from "typebox/value";
import { paths } from "../../contracts/layout.ts";
import { Manifest } from "../../contracts/manifest.ts";
import { LoadMetrics, type ModelFile } from "../../contracts/metrics.ts";
import { Problem } from "../../contracts/problem.ts";
import { readDocument } from "./document.ts";
import type { Objects } from "./objects.ts";

/** The SHA-256 of bytes, in hexadecimal. Web Crypto is used since all our platforms have it. */
export async function sha256(data: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", data as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

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

/** A model's files, as its run's manifest names them. */
export interface ModelFiles {
  loaded: LoadMetrics;
  /**
   * Reads a file, checks its checksum, and opens it.
   * @throws Problem when it is missing, damaged or does not fit.
   */
  open<T>(file: ModelFile, decode: (data: Uint8Array) => T | Promise<T>): Promise<T>;
}

/** @throws Problem when the manifest names no files. */
export async function filesOfModel(
  objects: Objects,
  shop: string,
  model: string,
  hash: typeof sha256 = sha256,
): Promise<ModelFiles> {
  const damaged = (why: string, cause?: unknown) => {
    const next = `publish another model: steamer rollback --shop ${shop}, or run the night again`;
    return new Problem({ doing: `Loading model ${model} of ${shop}`, why, next, cause });
  };
  const manifest = await readDocument(objects, paths.manifest(shop, model), Manifest);
  const loaded = manifest?.value.stages.load.metrics;
  if (!Value.Check(LoadMetrics, loaded)) throw damaged("its run's manifest names no snapshot");
  return {
    loaded,
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
