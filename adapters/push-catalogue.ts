import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Value } from "typebox/value";
import { cloudFeed } from "../contracts/catalogue.ts";
import { formatOf, paths } from "../contracts/layout.ts";
import { Manifest } from "../contracts/manifest.ts";
import { SimilarityMetrics } from "../contracts/metrics.ts";
import type { Settings } from "../contracts/settings/settings.ts";
import { readDocument } from "../night/state/document.ts";
import type { Objects } from "../night/state/objects.ts";
import { requirePointer } from "../night/state/pointer.ts";
import { pushStock } from "../night/state/stock.ts";
import { openItemAliases } from "./item-aliases.ts";
import type { ReadStock } from "./local/feed/read-stock.ts";

/** A push, and the model whose items were looked for in it. */
export interface Push extends ReadStock {
  model: string;
}

/**
 * Refreshes availability and prices of a shop, which its recommenders then follow.
 * @param source a file of this machine, an object, or a table of BigQuery
 * @throws Problem for a shop without a model, so that a mistyped one does not pass in silence; or
 * when the source cannot be read, or says neither of any item.
 */
export async function pushCatalogue(settings: Settings, objects: Objects, source: string): Promise<Push> {
  const { shop } = settings;
  const { model } = (await requirePointer(objects, shop)).value;
  const at = new Date();
  const folder = await mkdtemp(join(tmpdir(), "steamer-push-"));
  try {
    const aliases = await openItemAliases(settings);
    const modelItems = await itemsOfModel(objects, shop, model, folder);
    const { readStock } = await import("./local/feed/read-stock.ts");
    const read = (path: string) => readStock(path, settings, { aliases, modelItems });
    const stock = isInCloud(source) ? await readInCloud(settings, source, folder, read) : await read(source);
    await pushStock(objects, { shop, items: stock.items, at });
    return { ...stock, model };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A file's name may look like a table's. */
const isInCloud = (source: string) => !existsSync(source) && cloudFeed(source) !== null;

async function readInCloud(
  settings: Settings,
  source: string,
  folder: string,
  read: (path: string) => Promise<ReadStock>,
): Promise<ReadStock> {
  const { withCopy } = await import("./gcp/load/feed-in-cloud.ts");
  const labels = { app: "steamer", shop: settings.shop };
  const { found, billed } = await withCopy({ settings, source, folder, labels }, read);
  return { ...found, metrics: { ...found.metrics, source, ...billed } };
}

/**
 * Copies the files with a model's items into a folder. They are small beside its snapshot.
 * @returns that folder; undefined where the model's manifest names none
 */
async function itemsOfModel(
  objects: Objects,
  shop: string,
  model: string,
  folder: string,
): Promise<string | undefined> {
  const manifest = await readDocument(objects, paths.manifest(shop, model), Manifest);
  const similarity = manifest?.value.stages.similarity.metrics;
  if (!Value.Check(SimilarityMetrics, similarity)) return undefined;
  const files = (await objects.list(similarity.catalogue)).filter((path) => formatOf(path) === "parquet");
  for (const path of files) {
    const stored = await objects.get(path);
    if (stored) await writeFile(join(folder, basename(path)), stored.data);
  }
  return files.length > 0 ? folder : undefined;
}
