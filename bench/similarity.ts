import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { compileOurs, OURS, PEERS, type Contender } from "./contenders.ts";
import { contest, contestTable, scaling, scalingTable } from "./contest.ts";
import { datasetFolder, describe, readDataset, type SetName } from "./datasets.ts";
import { methodsTable, runMethods } from "./methods.ts";
import { readOptions, USAGE } from "./options.ts";
import { benchPython, REQUIREMENTS } from "./python.ts";
import { count, millions } from "./print-table.ts";
import { showProblem } from "./show-problem.ts";

type Options = ReturnType<typeof readOptions>;

const TOP = 50;
/** With more pairs than this a slow peer takes minutes and gigabytes. */
const MANY_PAIRS = 100e6;

try {
  process.exitCode = main(process.argv.slice(2)) ? 0 : 1;
} catch (error) {
  showProblem(error);
}

/**
 * Compares our top-50 cosine neighbours with the peers'.
 * @returns true when all answers agree.
 */
function main(args: string[]): boolean {
  const options = readOptions(args);
  if (options.help) {
    console.log(USAGE);
    return true;
  }
  const python = options.peers.length > 0 ? benchPython() : undefined;
  const setting = describeSetting(options);
  console.log(
    Object.entries(setting)
      .map(([key, value]) => `${key}: ${value}`)
      .join("\n"),
  );
  if (!python) console.log("SKIPPED checking the answers: there are no peers.");
  compileOurs();
  const contests = options.sets.flatMap((set) => runSet(set, options, python));
  const scales = options.scaling ? options.vectors.map((vectors) => runScaling(vectors, options)) : [];
  if (options.json) writeFileSync(options.json, JSON.stringify({ ...setting, contests, scales }, null, 2));
  const wrong = contests.flatMap(({ set, vectors, results }) =>
    results.filter(({ agrees }) => !agrees).map(({ name }) => `${name} (${set}, ${vectors})`),
  );
  if (wrong.length > 0) console.log(`\nDISAGREEMENT with the definition: ${wrong.join("; ")}`);
  return wrong.length === 0;
}

function describeSetting({ threads, rounds }: Options) {
  const requirements = readFileSync(REQUIREMENTS, "utf8").match(/^\w+==.*$/gm)!;
  return {
    processor: `${cpus()[0]?.model}, ${availableParallelism()} cores`,
    node: process.version,
    peers: requirements.join(", "),
    computed: `top ${TOP} cosine neighbours of every item, exact, ${threads} threads, ${rounds} rounds`,
  };
}

function runSet(set: SetName, options: Options, python: string | undefined) {
  const folder = datasetFolder(set);
  if (!folder) {
    console.log(
      `\nSKIPPED ${set}: its events are not here; STEAMER_TEST_DATA names the folder that has them.`,
    );
    return [];
  }
  const about = describe(readDataset(folder, { values: false }));
  console.log(
    `\n${set}: ${count(about.users)} users x ${count(about.items)} items, ${millions(about.entries)} interactions, ` +
      `${millions(about.pairs)} pairs\n(history: median ${about.median}, mean ${about.mean.toFixed(1)}, longest ${about.longest})`,
  );
  const task = { folder, top: TOP, threads: options.threads };
  const methods = runMethods(task, options.rounds);
  console.log(`\n${set}, our methods (ratios: to cosine, binary)\n\n${methodsTable(methods)}`);
  const contenders = [OURS, ...chosenPeers(set, about.pairs, options)];
  return options.vectors.map((vectors) => {
    const results = contest(contenders, { ...task, vectors }, options.rounds, python);
    console.log(`\n${set}, ${vectors} (ratios: peer / ours)\n\n${contestTable(results)}`);
    return { set, vectors, ...about, methods, results };
  });
}

function chosenPeers(set: SetName, pairs: number, options: Options): Contender[] {
  const wanted = PEERS.filter(({ name }) => options.peers.includes(name));
  return wanted.filter(({ name, slow }) => {
    const skip = slow && !options.slow && pairs > MANY_PAIRS;
    if (skip) console.log(`SKIPPED ${name} on ${set}: it takes minutes and gigabytes there; --slow runs it.`);
    return !skip;
  });
}

/**
 * The users of `big` are alike, so its first half is the same kind of shop with half the
 * interactions.
 */
function runScaling(vectors: string, { threads, rounds }: Options) {
  const folder = datasetFolder("big")!;
  const whole = readDataset(folder, { values: false });
  const sizes = [16, 8, 4, 2, 1].map((part) => describe({ ...whole, users: Math.floor(whole.users / part) }));
  const results = scaling({ folder, vectors, top: TOP, threads }, sizes, rounds);
  console.log(`\nours, ${vectors}, as interactions double\n\n${scalingTable(results)}`);
  return { vectors, results };
}
