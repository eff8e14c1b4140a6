import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { assemble } from "../infra/assemble.ts";
import { optionValues } from "./option-values.ts";
import { isPinned } from "./serve/server.ts";
import { compareSpeed } from "./serve/speed.ts";
import { measureStart } from "./serve/start.ts";
import { measureSwaps, soak } from "./serve/steady.ts";
import { showProblem } from "./show-problem.ts";

const PARTS = ["speed", "start", "swap", "soak"] as const;

const { chosen, invalid, positive } = optionValues("bench:serve");
const LARGEST = 9_999_999;

const USAGE = `Usage: npm run bench:serve -- [options]
  --parts LIST     of ${PARTS.join(",")} (default: speed,start)
  --items LIST     sizes of the shop (default: 100000,1000000; swap and soak take the first)
  --rounds N       how often each contender is loaded, in turn (default: 9)
  --seconds N      how long each time (default: 2)
  --swaps N        models to swap under load (default: 50; one takes about five seconds)
  --minutes N      of the soak (default: 10)
  --no-express     leave out Express
  --even           any item as likely as any other in a request; else some are popular, by Zipf(1)
  --json FILE      write every measurement to FILE
  --help`;

try {
  process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
} catch (error) {
  showProblem(error);
}

/** @returns true when every request was answered. */
async function main(args: string[]): Promise<boolean> {
  const options = readOptions(args);
  if (options.help) {
    console.log(USAGE);
    return true;
  }
  const { items, rounds, seconds, express, even, swaps, minutes } = options;
  const compiled = join(import.meta.dirname, "../.cache/bench/recommender");
  mkdirSync(compiled, { recursive: true });
  await assemble("recommender", compiled);
  const script = join(compiled, "recommender/main.js");
  const setting = {
    processor: `${cpus()[0]?.model}, ${availableParallelism()} cores`,
    node: process.version,
    cores: isPinned
      ? "the server on one, the load on the other"
      : "NOT pinned: taskset and two cores are missing",
    "load average before": loadavg()
      .map((one) => one.toFixed(1))
      .join(" "),
  };
  console.log(
    Object.entries(setting)
      .map(([key, value]) => `${key}: ${value}`)
      .join("\n"),
  );
  const has = (part: (typeof PARTS)[number]) => options.parts.includes(part);
  const results: Record<string, unknown> = { ...setting };
  const speeds = [];
  const starts = [];
  for (const size of items) {
    if (has("speed"))
      speeds.push(...(await compareSpeed({ script, items: size, rounds, seconds, express, even })));
    if (has("start")) starts.push(await measureStart({ script, items: size, rounds: Math.min(rounds, 5) }));
  }
  const swapped = has("swap") ? await measureSwaps({ script, items: items[0], swaps }) : undefined;
  const soaked = has("soak") ? await soak({ script, items: items[0], minutes }) : undefined;
  const after = loadavg()
    .map((one) => one.toFixed(1))
    .join(" ");
  console.log(`\nload average after: ${after}`);
  Object.assign(results, { speeds, starts, swapped, soaked, "load average after": after });
  if (options.json) writeFileSync(options.json, JSON.stringify(results, null, 2));
  const failed = [
    ...speeds.flatMap(({ contenders }) => contenders.flatMap((one) => [...one.saturated, ...one.half])),
    ...(swapped?.results ?? []),
    ...(soaked ? [soaked] : []),
  ].reduce((sum, one) => sum + one.failed, 0);
  if (failed > 0) console.log(`${failed} requests FAILED`);
  return failed === 0;
}

function readOptions(args: string[]) {
  const text = { type: "string" } as const;
  const texts = {
    parts: text,
    items: text,
    rounds: text,
    seconds: text,
    swaps: text,
    minutes: text,
    json: text,
  };
  const flag = { type: "boolean" } as const;
  let values;
  try {
    values = parseArgs({
      args,
      options: { ...texts, express: flag, even: flag, help: flag },
      allowNegative: true,
    }).values;
  } catch (cause) {
    throw invalid((cause as Error).message);
  }
  return {
    parts: chosen("parts", values.parts, PARTS, ["speed", "start"]),
    items: (values.items ?? "100000,1000000").split(",").map((one) => positive("items", one, LARGEST)),
    rounds: positive("rounds", values.rounds ?? "9", LARGEST),
    seconds: positive("seconds", values.seconds ?? "2", LARGEST),
    swaps: positive("swaps", values.swaps ?? "50", LARGEST),
    minutes: positive("minutes", values.minutes ?? "10", LARGEST),
    express: values.express ?? true,
    even: values.even ?? false,
    json: values.json,
    help: values.help ?? false,
  };
}
