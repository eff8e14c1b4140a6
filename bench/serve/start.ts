import { once } from "node:events";
import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { count, median, spread } from "../print-table.ts";
import type { Loading } from "./loading.ts";
import { measure, startLoader } from "./loader.ts";
import { forkOn, SERVER_CORE, startOurs } from "./server.ts";
import { emptyFolder, MODELS, NEIGHBOURS, requests, SHOP, shopFolder } from "./made-shop.ts";
import { CONNECTIONS } from "./speed.ts";

const MB = 2 ** 20;

/**
 * The time of a start, and the memory of a model. The file is in the system's cache, as after a
 * download.
 */
export async function measureStart({
  script,
  items,
  rounds,
}: {
  script: string;
  items: number;
  rounds: number;
}) {
  const folder = shopFolder(items);
  const paths = requests(items, 20, 1000);
  const loadMs: number[] = [];
  const startMs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    loadMs.push((await load(script, folder)).ms);
    const server = await startOurs(script, folder, paths[0]);
    startMs.push(server.startMs);
    await server.stop();
  }
  const nothing = await memoryOf(script, emptyFolder(), paths);
  const full = await memoryOf(script, folder, paths);
  const neighbours = 2 * NEIGHBOURS * items;
  const { size } = statSync(join(folder, `shops/${SHOP}/models/${MODELS[0]}/load=1/snapshot.arrow`));
  const bound = (12 * neighbours + (size - 8 * neighbours)) / MB;
  const modelMb = full - nothing;
  console.log(
    `\n${count(items)} items x ${NEIGHBOURS} in two scenarios, a file of ${(size / MB).toFixed(0)} MB\n` +
      `  start to first answer: ${spread(startMs, 0)} ms, of which reading and checking the model ${spread(loadMs, 0)} ms\n` +
      `  memory after half a minute under load: ${full.toFixed(0)} MB, without a model ${nothing.toFixed(0)} MB: the model takes ${modelMb.toFixed(0)} MB; ` +
      `12 bytes a neighbour, ids and attributes are ${bound.toFixed(0)} MB`,
  );
  return { items, startMs, loadMs, fileMb: size / MB, modelMb, boundMb: bound, median: median(startMs) };
}

async function load(script: string, folder: string): Promise<Loading> {
  const child = forkOn(SERVER_CORE, join(import.meta.dirname, "loading.ts"), [dirname(script), folder], {});
  const [loading] = (await once(child, "message")) as [Loading];
  await once(child, "exit");
  return loading;
}

/** Resident memory in MB, after the start's garbage has been collected and the code optimised. */
async function memoryOf(script: string, folder: string, paths: string[]): Promise<number> {
  const server = await startOurs(script, folder);
  const loader = startLoader();
  await measure(server, loader, { paths, seconds: 30, connections: CONNECTIONS, rate: 1000 });
  const { memory } = await server.report();
  loader.stop();
  await server.stop();
  return memory.rss / MB;
}
