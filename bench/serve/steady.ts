import { setTimeout } from "node:timers/promises";
import { count, table } from "../print-table.ts";
import { measure, startLoader, type Loader } from "./loader.ts";
import { startHello, startOurs, type Running } from "./server.ts";
import { MODELS, publish, requests, shopFolder } from "./made-shop.ts";
import { CONNECTIONS, halfOf } from "./speed.ts";
import { join } from "node:path";

const MB = 2 ** 20;

interface Options {
  script: string;
  items: number;
}

/**
 * Swaps models under half of the capacity, beside the same load without swaps and on a hello world.
 */
export async function measureSwaps({ script, items, swaps }: Options & { swaps: number }) {
  const folder = shopFolder(items);
  const loader = startLoader();
  const ours = await startOurs(script, folder);
  const paths = requests(items, 20, 1000);
  const rate = await halfRate(ours, loader, paths);
  const hello = await startHello(
    "fastify",
    join(import.meta.dirname, "../../.cache/bench/serve-sample-20.json"),
  );
  const load = { paths, rate, connections: CONNECTIONS };
  await measure(hello, loader, { ...load, seconds: 3 });
  const results = [
    { name: "hello fastify", ...(await under(loader, hello, load, () => setTimeout(60_000))) },
    { name: "ours", ...(await under(loader, ours, load, () => setTimeout(60_000))) },
    { name: `ours, ${swaps} swaps`, ...(await under(loader, ours, load, () => swap(ours, folder, swaps))) },
  ];
  loader.stop();
  await hello.stop();
  await ours.stop();
  const rows = results.map(({ name, answered, failed, ms, pauses }) => [
    name,
    count(answered),
    `${failed}`,
    ms.p50.toFixed(2),
    ms.p99.toFixed(2),
    ms.max.toFixed(1),
    ...[pauses.length, ...[5, 10, 20].map((least) => pauses.filter((pause) => pause > least).length)].map(
      String,
    ),
    Math.max(...pauses).toFixed(1),
  ]);
  const header = [
    "",
    "answered",
    "failed",
    "p50 ms",
    "p99 ms",
    "max ms",
    "seconds",
    "with a pause > 5 ms",
    "> 10 ms",
    "> 20 ms",
    "longest",
  ];
  console.log(
    `\n${count(items)} items, 20 in a request, ${Math.round(rate)} requests/s\n\n${table(header, rows)}`,
  );
  return { items, rate, results };
}

async function halfRate(ours: Running, loader: Loader, paths: string[]): Promise<number> {
  await measure(ours, loader, { paths, connections: CONNECTIONS, seconds: 3 });
  return halfOf([await measure(ours, loader, { paths, connections: CONNECTIONS, seconds: 3 })]);
}

/**
 * Loads a server during an event. It also records the longest pause of the event loop in each
 * second.
 */
async function under(
  loader: Loader,
  server: Running,
  load: { paths: string[]; rate: number; connections: number },
  happening: () => Promise<unknown>,
) {
  const pauses: number[] = [];
  let isOver = false;
  const happened = happening().then(() => (isOver = true));
  await server.report();
  let all = { answered: 0, failed: 0, ms: { p50: 0, p99: 0, p999: 0, max: 0 } };
  let parts = 0;
  // The event may take any time, so the load comes in parts.
  while (!isOver) {
    const part = loader.run({ ...load, port: server.port, seconds: 10 });
    let isLoaded = false;
    void part.then(() => (isLoaded = true));
    while (!isLoaded) {
      await setTimeout(1000);
      pauses.push((await server.report()).longestPauseMs);
    }
    const { answered, failed, ms } = await part;
    parts++;
    const mean = (sum: number, one: number) => sum + (one - sum) / parts;
    all = {
      answered: all.answered + answered,
      failed: all.failed + failed,
      ms: {
        p50: mean(all.ms.p50, ms.p50),
        p99: mean(all.ms.p99, ms.p99),
        p999: mean(all.ms.p999, ms.p999),
        max: Math.max(all.ms.max, ms.max),
      },
    };
  }
  await happened;
  return { ...all, pauses };
}

/** Publishes both models in turn. The recommender finds each by itself, within five seconds. */
async function swap(ours: Running, folder: string, swaps: number): Promise<void> {
  const current = async () => {
    const answer = await fetch(`http://127.0.0.1:${ours.port}/models/current`);
    return ((await answer.json()) as { model: string }).model;
  };
  for (let k = 0; k < swaps; k++) {
    const next = MODELS[(await current()) === MODELS[0] ? 1 : 0];
    publish(folder, next);
    while ((await current()) !== next) await setTimeout(200);
  }
}

/** Half of the capacity, for minutes; memory every ten seconds. */
export async function soak({ script, items, minutes }: Options & { minutes: number }) {
  const loader = startLoader();
  const ours = await startOurs(script, shopFolder(items));
  const paths = requests(items, 20, 1000);
  const rate = await halfRate(ours, loader, paths);
  const rss: number[] = [];
  const heap: number[] = [];
  let [answered, failed] = [0, 0];
  for (let k = 0; k < 6 * minutes; k++) {
    const part = await loader.run({ paths, rate, connections: CONNECTIONS, port: ours.port, seconds: 10 });
    const { memory } = await ours.report();
    answered += part.answered;
    failed += part.failed;
    rss.push(memory.rss / MB);
    heap.push(memory.heapUsed / MB);
  }
  loader.stop();
  await ours.stop();
  const shown = rss.filter((_, k) => k % 6 === 5).map((one) => one.toFixed(0));
  console.log(
    `\n${count(items)} items, ${minutes} minutes at ${Math.round(rate)} requests/s: ${count(answered)} answered, ${failed} failed\n` +
      `  resident MB at the end of each minute: ${shown.join(" ")}`,
  );
  return { items, minutes, rate, answered, failed, rss, heap };
}
