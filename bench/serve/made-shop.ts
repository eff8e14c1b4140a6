import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { paths } from "../../contracts/layout.ts";
import { lastDayOf, type Pointer } from "../../contracts/manifest.ts";
import type { NeighbourTable } from "../../core/model/neighbour-table.ts";
import { encodeSnapshot } from "../../core/model/encode.ts";
import { finishedManifest } from "../../test/finished-manifest.ts";
import { uniform } from "../generate.ts";

export const SHOP = "bench";
/** Two models of the same size, for swaps from one to the other. */
export const MODELS = ["2026-11-20.1", "2026-11-21.1"] as const;
export const NEIGHBOURS = 50;
/**
 * Items of a theme are alike. Half of a neighbour list stays in its theme; the rest is popular
 * items.
 */
const THEME = 200;
const CATEGORIES = 300;
/** Part of a folder's name: raise it when a change to this file changes the data. */
const VERSION = 1;
const CACHE = join(import.meta.dirname, "../../.cache/bench");

/**
 * A data folder with a shop of so many items, made when missing: the output of finished nights, one
 * of them published.
 */
export function shopFolder(items: number, models: readonly string[] = MODELS): string {
  const folder = join(CACHE, `serve-${items}-v${VERSION}`);
  const pointer = join(folder, paths.pointer(SHOP));
  models.forEach((model, k) => {
    if (!existsSync(join(folder, paths.manifest(SHOP, model)))) writeModel(folder, model, items, k + 1);
  });
  if (!existsSync(pointer)) publish(folder, MODELS[0]);
  return folder;
}

/** A data folder without any publication. */
export function emptyFolder(): string {
  const folder = join(CACHE, "serve-nothing");
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Moves the pointer, as the publish stage does: one atomic rename. */
export function publish(folder: string, model: string): void {
  const pointer: Pointer = { model, lastDay: lastDayOf(model), previous: null, hold: null };
  const path = join(folder, paths.pointer(SHOP));
  writeFileSync(`${path}.new`, JSON.stringify(pointer));
  renameSync(`${path}.new`, path);
}

export const idOf = (row: number) => `SKU-${String(row).padStart(7, "0")}`;

/**
 * Requests with so many items of one customer, who is interested in three themes. Themes, and items
 * within them, follow Zipf(1) popularity. With `even` all items are equally likely, so hardly any
 * is in the processor's cache.
 */
export function requests(items: number, given: number, count: number, even = false): string[] {
  const random = uniform(given);
  const below = (n: number) => Math.floor(even ? n * random() : n ** random() - 1);
  return Array.from({ length: count }, () => {
    const themes = Array.from({ length: 3 }, () => below(items / THEME));
    const ids = new Set<string>();
    while (ids.size < given) ids.add(idOf(THEME * themes[below(3)] + below(THEME)));
    return `/make_recommendation?browsed=${[...ids].join(",")}`;
  });
}

function writeModel(folder: string, model: string, items: number, seed: number): void {
  console.log(
    `Making a model of ${items.toLocaleString("en")} items x ${NEIGHBOURS}, twice (once for ever) ...`,
  );
  const random = uniform(seed);
  const ids = Array.from({ length: items }, (_, row) => idOf(row));
  const users = Int32Array.from({ length: items }, () => Math.floor(20 / (random() + 1e-4)));
  const catalogue = {
    name: ids.map((id) => `A product by the name of ${id}`),
    category: ids.map((_, row) => `category ${Math.floor(row / THEME) % CATEGORIES}`),
    price: ids.map(() => Math.round(100 / (random() + 0.01)) / 10),
    available: ids.map(() => random() < 0.95),
    users,
    views: users.map((n) => 3 * n),
    purchases: users.map((n) => n >> 3),
  };
  const similar = neighbours(items, random);
  const snapshot = encodeSnapshot({
    ids,
    tables: { similar, together: neighbours(items, random) },
    catalogue,
  });
  const path = paths.load(SHOP, model, 1).snapshot;
  const sha256 = createHash("sha256").update(snapshot).digest("hex");
  const metrics = { items, snapshot: { path, bytes: snapshot.length, sha256 } };
  const manifest = finishedManifest(SHOP, model, metrics);
  write(join(folder, path), snapshot);
  // The manifest comes last: a model that has one is whole.
  write(join(folder, paths.manifest(SHOP, model)), JSON.stringify(manifest));
}

function write(path: string, data: Uint8Array | string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, data);
}

function neighbours(items: number, random: () => number): NeighbourTable {
  const offset = Int32Array.from({ length: items + 1 }, (_, row) => NEIGHBOURS * row);
  const item = new Int32Array(NEIGHBOURS * items);
  const score = new Int32Array(NEIGHBOURS * items);
  const themes = items / THEME;
  const taken = new Int32Array(items).fill(-1);
  for (let row = 0; row < items; row++) {
    taken[row] = row;
    const theme = Math.floor(row / THEME);
    let best = 400_000 + Math.floor(500_000 * random());
    for (let k = NEIGHBOURS * row; k < NEIGHBOURS * (row + 1); k++) {
      let other: number;
      // Other themes by Zipf(1), so that some are in many lists.
      do {
        const elsewhere = random() < 0.5 ? theme : Math.floor(themes ** random()) % themes;
        other = THEME * elsewhere + Math.floor(THEME * random());
      } while (taken[other] === row);
      taken[other] = row;
      item[k] = other;
      score[k] = best;
      best -= Math.floor((best / 12) * random());
    }
  }
  return { offset, item, score };
}
