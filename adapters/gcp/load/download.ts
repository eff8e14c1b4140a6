import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { formatOf } from "../../../contracts/layout.ts";
import { Problem } from "../../../contracts/problem.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import type { Objects } from "../../../night/state/objects.ts";
import { bucketOf } from "../../storage/choose.ts";
import { storage, type Place } from "../clients.ts";
import { asking, persistently } from "../failures.ts";

/**
 * Copies the Parquet files below a prefix of the data bucket to a folder. It streams them one after
 * the other, so that memory stays small.
 * @throws Problem when there is none, or one of them cannot be read.
 */
export async function downloadParquet(
  objects: Objects,
  settings: Settings,
  prefix: string,
  folder: string,
): Promise<void> {
  const next = "run the night again from its similarity stage: steamer rerun --from similarity";
  const found = (await objects.list(prefix)).filter((path) => formatOf(path) === "parquet");
  const doing = (path: string) => `Reading ${settings.data}/${path}`;
  if (found.length === 0) {
    throw new Problem({ doing: doing(prefix), why: "there is no Parquet file", next });
  }
  await mkdir(folder);
  for (const path of found) {
    const from = { bucket: bucketOf(settings.data)!, path };
    await asking(doing(path), next, () => download(settings, from, join(folder, basename(path))));
  }
}

/**
 * Copies an object to a file.
 * @throws the client's error.
 */
export async function download(
  settings: Place,
  { bucket, path }: { bucket: string; path: string },
  target: string,
): Promise<void> {
  const file = (await storage(settings, { autoRetry: false })).bucket(bucket).file(path);
  await persistently(() => pipeline(file.createReadStream({ decompress: false }), createWriteStream(target)));
}
