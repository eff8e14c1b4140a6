import { parseArgs } from "node:util";
import { PEERS } from "./contenders.ts";
import { SET_NAMES } from "./datasets.ts";
import { optionValues } from "./option-values.ts";

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

const { chosen, invalid, positive } = optionValues("bench:similarity");
const LARGEST = 9999;

/** @throws Problem when an option is unknown or has a wrong value. */
export function readOptions(args: string[]) {
  const values = parse(args);
  return {
    sets: chosen("sets", values.sets, SET_NAMES),
    vectors: chosen("vectors", values.vectors, VECTORS),
    peers: values.peers === "none" ? [] : chosen("peers", values.peers, PEER_NAMES),
    rounds: positive("rounds", values.rounds ?? "3", LARGEST),
    threads: positive("threads", values.threads ?? "2", LARGEST),
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
