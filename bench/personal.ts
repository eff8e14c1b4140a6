import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Random } from "../core/random.ts";
import { optionValues } from "./option-values.ts";
import { count, median, spread, table, times } from "./print-table.ts";
import { benchPython } from "./python.ts";
import { peerFile, runJson } from "./run-json.ts";
import { showProblem } from "./show-problem.ts";

/** One user's best items among all, beside numpy on one thread: see README.md. */
const USAGE = `Usage: npm run bench:personal -- [options]
  --items N     (default: 100000)
  --factors N   (default: 64)
  --users N     users of a round, one after the other (default: 200)
  --results N   best items of each (default: 10)
  --rounds N    how often each contender runs, in turn (default: 5)
  --help`;

/** Items that a user already has. */
const EXCLUDED = 50;

/** Lengths of the histories behind whole lists. */
const HISTORIES = [10, 40, 500];

/** Milliseconds for one user, and each user's list. */
interface Result {
  wall: number;
  cpu: number;
  lists: number[][];
}

const { positive } = optionValues("bench:personal");

function parse(args: string[]) {
  const size = (value: string) => ({ type: "string" as const, default: value });
  return parseArgs({
    args,
    options: {
      items: size("100000"),
      factors: size("64"),
      users: size("200"),
      results: size("10"),
      rounds: size("5"),
      help: { type: "boolean", default: false },
    },
  }).values;
}

function main(args: string[]): void {
  const values = parse(args);
  if (values.help) return console.log(USAGE);
  const size = (name: "items" | "factors" | "users" | "results" | "rounds") =>
    positive(name, values[name], 10_000_000);
  const [items, factors, users, rounds] = [size("items"), size("factors"), size("users"), size("rounds")];
  console.log(`${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}`);
  console.log(`${count(items)} items, ${factors} factors, ${users} users, ${rounds} rounds, one thread`);
  const folder = mkdtempSync(join(tmpdir(), "steamer-bench-"));
  try {
    writeFactors(folder, { items, factors, users });
    report(contest(rounds, [folder, `${factors}`, `${size("results")}`]));
    wholeLists(rounds, [items, factors, users]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Factors as training leaves them in size: vectors of length 1/2 or so, evenly spread. */
function writeFactors(folder: string, sizes: { items: number; factors: number; users: number }): void {
  const random = new Random(1);
  const write = (name: string, rows: number) =>
    writeFileSync(
      join(folder, name),
      Float32Array.from({ length: rows * sizes.factors }, () => (random.next() - 0.5) / 5),
    );
  write("items", sizes.items);
  write("users", sizes.users);
  const excluded = Int32Array.from({ length: EXCLUDED }, () => random.below(sizes.items));
  writeFileSync(join(folder, "excluded"), excluded);
}

/** Each contender runs in a process of its own, in turn, so that a slow minute slows both. */
function contest(rounds: number, args: string[]): Record<"ours" | "numpy", Result[]> {
  const python = benchPython();
  const found: ReturnType<typeof contest> = { ours: [], numpy: [] };
  const ours = join(import.meta.dirname, "personal/ours.ts");
  for (let round = 0; round < rounds; round++) {
    found.ours.push(runJson(process.execPath, ["--no-warnings", ours, ...args], 1) as Result);
    found.numpy.push(runJson(python, [peerFile("personal.py"), ...args], 1) as Result);
  }
  return found;
}

function report({ ours, numpy }: ReturnType<typeof contest>): void {
  const row = (name: string, results: Result[]) => [
    name,
    spread(
      results.map(({ cpu }) => cpu),
      3,
    ),
    spread(
      results.map(({ wall }) => wall),
      3,
    ),
  ];
  console.log(table(["ms a user", "CPU", "wall"], [row("ours", ours), row("numpy", numpy)]));
  const ratio = (key: "cpu" | "wall") => times(median(ours.map((own, k) => numpy[k][key] / own[key])));
  console.log(`numpy's over ours, the median of the rounds: CPU ${ratio("cpu")}, wall ${ratio("wall")}`);
  const pairs = ours[0].lists.flatMap((list, user) =>
    list.map((item, k) => item === numpy[0].lists[user][k]),
  );
  const same = pairs.filter(Boolean).length / pairs.length;
  console.log(`${(100 * same).toFixed(2)} % of all places have the same item`);
}

/** Lists as they are stored: blended, and with reasons. */
function wholeLists(rounds: number, sizes: number[]): void {
  const list = join(import.meta.dirname, "personal/list.ts");
  const measured = HISTORIES.map((length) => {
    const args = ["--no-warnings", list, ...[...sizes, length].map(String)];
    const results = Array.from({ length: rounds }, () => runJson(process.execPath, args, 1) as Result);
    return [
      `${length} items`,
      ...(["cpu", "wall"] as const).map((key) =>
        spread(
          results.map((r) => r[key]),
          2,
        ),
      ),
    ];
  });
  console.log(table(["a whole list, ms a user with", "CPU", "wall"], measured));
}

try {
  main(process.argv.slice(2));
} catch (error) {
  showProblem(error);
}
