import { writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { openDuckDB } from "../adapters/local/duckdb.ts";
import { buildOf, THIS_BUILD } from "./nights/builds.ts";
import { contest, type Result, type Task } from "./nights/contest.ts";
import { INPUT_NAMES, inputOf, smallFiles, type InputName } from "./nights/inputs.ts";
import { DAYS } from "./nights/make-events.ts";
import { profileText } from "./nights/profile.ts";
import { changeText, ratioText, resultText } from "./nights/report.ts";
import { optionValues } from "./option-values.ts";
import { millions } from "./print-table.ts";
import { showProblem } from "./show-problem.ts";

/** Whole nights beside one plain statement of DuckDB, and beside another build: see README.md. */
const SPECIAL = ["small-files", "second-night"] as const;
const NAMES = [...INPUT_NAMES, ...SPECIAL] as const;

const USAGE = `Usage: npm run bench:night -- [options]
  --inputs LIST    of ${NAMES.join(",")} (default: all)
  --events LIST    numbers of events (default: 500000; try 500000,2000000,10000000)
  --before REV     also run a revision, such as HEAD~1
  --rounds N       how often each contender runs, in turn (default: 3)
  --threads N      threads of each contender (default: 2)
  --profile DIR    then show where the CPU goes, and write V8's profiles to DIR
  --json FILE      write every measurement to FILE
  --help`;

const { chosen, invalid, positive } = optionValues("bench:night");
const load = () =>
  loadavg()
    .map((one) => one.toFixed(1))
    .join(" ");

const MOST_EVENTS = 100_000_000;

try {
  process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
} catch (error) {
  showProblem(error);
}

/** @returns true when all contenders wrote the same rows. */
async function main(args: string[]): Promise<boolean> {
  const values = parse(args);
  if (values.help) {
    console.log(USAGE);
    return true;
  }
  if (process.platform !== "linux") throw invalid("it looks at processes through /proc, which Linux has");
  const builds = [THIS_BUILD, ...(values.before === undefined ? [] : [buildOf(values.before)])];
  const rounds = positive("rounds", values.rounds, 99);
  console.log(`${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}`);
  console.log(`${values.threads} threads, ${rounds} rounds; load average before: ${load()}`);
  const db = await openDuckDB({ temporary: tmpdir() });
  const results: Result[] = [];
  for (const tasks of await allTasks(values)) {
    const group = await contest(builds, tasks, rounds, db);
    console.log(`\n${groupText(group)}`);
    results.push(...group);
    if (values.profile) for (const task of tasks) console.log(`\n${await profileText(task, values.profile)}`);
  }
  db.close();
  console.log(`\nload average after: ${load()}`);
  if (values.json) writeFileSync(values.json, JSON.stringify(results, null, 2));
  return results.every(({ differing }) => differing === 0);
}

function parse(args: string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args,
      options: {
        inputs: text,
        events: { ...text, default: "500000" },
        before: text,
        rounds: { ...text, default: "3" },
        threads: { ...text, default: "2" },
        profile: text,
        json: text,
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (cause) {
    throw invalid((cause as Error).message);
  }
}

/** Tasks that are compared with one another are in one group. */
async function allTasks(values: ReturnType<typeof parse>): Promise<Task[][]> {
  const threads = positive("threads", values.threads, 999);
  const groups: Task[][] = [];
  const sizes = values.events.split(",").map((text) => positive("events", text, MOST_EVENTS));
  for (const name of chosen("inputs", values.inputs, NAMES)) {
    if (name === "small-files") {
      const one = {
        name: "the same rows in one file",
        nights: [{ input: await smallFiles("one"), args: [] }],
      };
      const many = { name: "small files", nights: [{ input: await smallFiles("many"), args: [] }] };
      groups.push([many, one].map((task) => ({ ...task, threads })));
    } else for (const events of sizes) groups.push([await taskOf(name, events, threads)]);
  }
  return groups;
}

async function taskOf(name: InputName | "second-night", events: number, threads: number): Promise<Task> {
  const label = `${name}, ${millions(events)} events`;
  if (name !== "second-night") {
    return { name: label, nights: [{ input: await inputOf(name, events), args: [] }], threads };
  }
  // The window is a day shorter than the files: the second night sees one old day less, a new more.
  const { files, ...input } = await inputOf("ga4-ndjson", events);
  const args = ["--days", `${DAYS - 1}`];
  const night = (from: number) => ({ input: { ...input, files: files.slice(from, from + DAYS - 1) }, args });
  return { name: label, nights: [night(0), night(1)], threads };
}

function groupText(results: Result[]): string {
  const parts = results.flatMap((result) => [resultText(result), changeText(result).join("\n")]);
  const [first, second] = results;
  if (second)
    parts.push(
      ratioText(`${first.task.name} over ${second.task.name}`, first.builds, second.builds).join("\n"),
    );
  if (first.task.nights.length > 1)
    parts.push(ratioText("the second night over the first", first.builds, first.builds, [1, 0]).join("\n"));
  return parts.filter((text) => text !== "").join("\n\n");
}
