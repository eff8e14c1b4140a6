import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { count, median, spread, table } from "../print-table.ts";
import type { Loaded } from "./load.ts";
import { measure, startLoader, type Loader, type Measured } from "./loader.ts";
import { takeSample } from "./sample.ts";
import { startHello, startOurs, type Running } from "./server.ts";
import { idOf, requests, shopFolder } from "./made-shop.ts";

export interface SpeedOptions {
  /** The compiled recommender. */
  script: string;
  items: number;
  rounds: number;
  seconds: number;
  express: boolean;
  even: boolean;
}

/** Enough to keep a server busy, even if it waits for nothing. */
export const CONNECTIONS = 32;
/** The JIT recompiles hot code for some seconds. */
const WARM_SECONDS = 8;
const GIVEN = [1, 20];
const DIFFERENT_REQUESTS = 10_000;

interface Contender {
  name: string;
  server: Running;
  saturated: Measured[];
  half: Loaded[];
}

/** The cost and the time of a request, against servers that say hello in as many bytes. */
export async function compareSpeed(options: SpeedOptions) {
  const { script, items } = options;
  const loader = startLoader();
  const ours = await startOurs(script, shopFolder(items));
  const results = [];
  for (const given of GIVEN) {
    const paths = requests(items, given, DIFFERENT_REQUESTS, options.even);
    const sample = await takeSample(`http://127.0.0.1:${ours.port}${paths[0]}`);
    const file = join(import.meta.dirname, "../../.cache/bench", `serve-sample-${given}.json`);
    writeFileSync(file, JSON.stringify(sample));
    const others = options.express ? (["fastify", "express"] as const) : (["fastify"] as const);
    const hellos = await Promise.all(others.map((framework) => startHello(framework, file)));
    const contenders = [
      { name: "ours", server: ours, saturated: [], half: [] },
      ...hellos.map((server, k) => ({ name: `hello ${others[k]}`, server, saturated: [], half: [] })),
    ];
    await run(contenders, loader, paths, options);
    for (const hello of hellos) await hello.stop();
    const bytes = JSON.stringify(sample.body).length;
    console.log(
      `\n${count(items)} items, ${given} in the request (${idOf(0)}), an answer of ${bytes} bytes\n\n${speedTable(contenders)}`,
    );
    results.push({ items, given, bytes, contenders: contenders.map(({ server: _, ...rest }) => rest) });
  }
  loader.stop();
  await ours.stop();
  return results;
}

async function run(
  contenders: Contender[],
  loader: Loader,
  paths: string[],
  { rounds, seconds }: SpeedOptions,
): Promise<void> {
  const load = { connections: CONNECTIONS, paths };
  for (const { server } of contenders) await measure(server, loader, { ...load, seconds: WARM_SECONDS });
  for (let round = 0; round < rounds; round++) {
    for (const { server, saturated } of contenders)
      saturated.push(await measure(server, loader, { ...load, seconds }));
  }
  for (let round = 0; round < rounds; round++) {
    for (const { server, saturated, half } of contenders)
      half.push(await measure(server, loader, { ...load, seconds, rate: halfOf(saturated) }));
  }
}

/** Half of the server's capacity, in requests a second. */
export const halfOf = (saturated: Measured[]) =>
  median(saturated.map(({ answered, seconds, busy }) => answered / seconds / Math.min(1, busy))) / 2;

function speedTable(contenders: Contender[]): string {
  const hello = contenders[1].saturated;
  const header = ["", "CPU us", "x hello", "requests/s", "half: p50 ms", "p99 ms", "failed"];
  const rows = contenders.map(({ name, saturated, half }) => [
    name,
    spread(
      saturated.map(({ cpuUs }) => cpuUs),
      1,
    ),
    // Ratios within a round: the machine's other load changes from round to round.
    spread(
      saturated.map(({ cpuUs }, round) => cpuUs / hello[round].cpuUs),
      2,
    ),
    count(Math.round(median(saturated.map(({ answered, seconds }) => answered / seconds)))),
    spread(
      half.map(({ ms }) => ms.p50),
      2,
    ),
    spread(
      half.map(({ ms }) => ms.p99),
      2,
    ),
    `${[...saturated, ...half].reduce((sum, { failed }) => sum + failed, 0)}`,
  ]);
  return table(header, rows);
}
