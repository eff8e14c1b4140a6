import { parseArgs } from "node:util";
import { Problem } from "../contracts/problem.ts";
import { PEERS } from "./contenders.ts";
import { SET_NAMES } from "./datasets.ts";

const VECTORS = ["binary", "weighted"] as const;
const PEER_NAMES = PEERS.map(({ name }) => name);

export const USAGE = `Usage: npm run bench:similarity -- [options]
  --sets LIST      of ${SET_NAMES.join(",")} (default: all)
  --vectors LIST   of ${VECTORS.join(",")} (default: both)
  --peers LIST     of ${PEER_NAMES.join(",")}, or none (default: all)
  --rounds N       how often each contender runs (default: 3)
  --threads N      threads of each contender (default: 2)
  --slow           also run a peer where it takes minutes (duckdb on the big set)
  --no-scaling     leave out the scaling table
  --json FILE      write every measurement to FILE
  --help`;

/** @throws Problem when an option is unknown or has a value that it cannot have. */
export function readOptions(args: string[]) {
  const values = parse(args);
  return {
    sets: chosen("sets", values.sets, SET_NAMES),
    vectors: chosen("vectors", values.vectors, VECTORS),
    peers: values.peers === "none" ? [] : chosen("peers", values.peers, PEER_NAMES),
    rounds: positive("rounds", values.rounds ?? "3"),
    threads: positive("threads", values.threads ?? "2"),
    slow: values.slow ?? false,
    scaling: values.scaling ?? true,
    json: values.json,
    help: values.help ?? false,
  };
}

function parse(args: string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const texts = { sets: text, vectors: text, peers: text, rounds: text, threads: text, json: text };
  try {
    const options = { ...texts, slow: flag, scaling: flag, help: flag };
    return parseArgs({ args, options, allowNegative: true }).values;
  } catch (cause) {
    throw invalid((cause as Error).message);
  }
}

function chosen<T extends string>(
  option: string,
  given: string | undefined,
  choices: readonly T[],
): readonly T[] {
  const names = given?.split(",") ?? choices;
  const unknown = names.find((name) => !choices.includes(name as T));
  if (unknown !== undefined)
    throw invalid(`--${option} has no choice '${unknown}', only ${choices.join(", ")}`);
  return names as T[];
}

function positive(option: string, given: string): number {
  if (!/^[1-9]\d{0,3}$/.test(given))
    throw invalid(`--${option} must be a whole number from 1 to 9999, not '${given}'`);
  return Number(given);
}

const invalid = (why: string) =>
  new Problem({ doing: "Reading the options", why, next: "See npm run bench:similarity -- --help" });
