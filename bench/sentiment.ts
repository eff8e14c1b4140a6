import { existsSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Problem } from "../contracts/problem.ts";
import { makeSentimentModel, sentimentPython } from "../sentiment-model/python.ts";
import { optionValues } from "./option-values.ts";
import { compareAccuracy } from "./sentiment/accuracy.ts";
import { compareSpeed, reviewsOf } from "./sentiment/speed.ts";
import { showProblem } from "./show-problem.ts";

/** The default sentiment model beside word lists, and beside Python: see README.md. */
const USAGE = `Usage: npm run bench:sentiment -- [options]
  --reviews N   reviews of a round, one after the other (default: 300)
  --rounds N    how often each contender runs, in turn (default: 5)
  --help`;

const MODEL = ".cache/bench/sentiment";
const { positive } = optionValues("bench:sentiment");

function main(args: string[]): void {
  const text = (value: string) => ({ type: "string" as const, default: value });
  const options = {
    reviews: text("300"),
    rounds: text("5"),
    help: { type: "boolean" as const, default: false },
  };
  const values = parseArgs({ args, options }).values;
  if (values.help) return console.log(USAGE);
  const [wanted, rounds] = [
    positive("reviews", values.reviews, 100_000),
    positive("rounds", values.rounds, 100),
  ];
  const data = dataFolder();
  console.log(`${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}`);
  const python = sentimentPython();
  makeSentimentModel(python, MODEL);
  const reviews = reviewsOf(compareAccuracy(python, data), wanted);
  if (!compareSpeed(python, MODEL, reviews, rounds)) process.exitCode = 1;
}

function dataFolder(): string {
  const folder = join(process.env["STEAMER_TEST_DATA"] ?? "../shared/data", "sentiment");
  if (existsSync(folder)) return folder;
  throw new Problem({
    doing: "Looking for the labelled sentences",
    why: `there is no folder ${folder}`,
    next: "name the folder above it in STEAMER_TEST_DATA; sentiment-model/README.md says where they come from",
  });
}

try {
  main(process.argv.slice(2));
} catch (error) {
  showProblem(error);
}
