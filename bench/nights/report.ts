import { count, median, spread, table, times } from "../print-table.ts";
import type { Result } from "./contest.ts";
import { PARTS, type Cost, type Part } from "./run-night.ts";

const KEYS = ["wall", "cpu", "peak"] as const;
type Key = (typeof KEYS)[number];

const DIGITS = { wall: 2, cpu: 2, peak: 0 };
/** Parts that a ratio to the plain statement says something about. */
const COMPARED: readonly Part[] = ["export", "whole"];
const NIGHTS = ["first night", "second night"];

/** A result for the terminal: each part of a night, and its ratio to the plain statement. */
export function resultText({ task, plain, builds, rows, differing }: Result): string {
  const { files, bytes } = task.nights.at(-1)!.input;
  const equal = differing === 0 ? "equal in all" : `${count(differing)} rows DIFFER`;
  const title =
    `${task.name}: ${count(files.length)} file${files.length === 1 ? "" : "s"}, ${(bytes / 1e6).toFixed(1)} MB; ` +
    `${count(rows)} rows of interactions, ${equal}`;
  const row = (name: string, costs: Pick<Cost, Key>[], isCompared: boolean) => [
    name,
    ...KEYS.map((key) => spread(valuesOf(costs, key), DIGITS[key])),
    ...KEYS.map((key) => (isCompared ? times(ratio(costs, plain, key)) : "")),
  ];
  const lines = builds.flatMap(({ name, rounds }) =>
    task.nights.flatMap((_, night) =>
      PARTS.map((part) => {
        const which = task.nights.length > 1 ? `, ${NIGHTS[night]}` : "";
        return row(`${name}${which}: ${part}`, costsOf(rounds, night, part), COMPARED.includes(part));
      }),
    ),
  );
  const header = ["", "wall s", "CPU s", "peak MB", "over plain: wall", "CPU", "peak"];
  return `${title}\n\n${table(header, [row("plain statement", plain, false), ...lines])}`;
}

/** The CPU of two nights side by side, the median of each round's ratio. */
export function ratioText(what: string, above: Result["builds"], below: Result["builds"], nights = [0, 0]) {
  return above.map(({ name, rounds }, k) => {
    const of = (part: Part) =>
      times(ratio(costsOf(rounds, nights[0], part), costsOf(below[k].rounds, nights[1], part), "cpu"));
    return `${name}, CPU of ${what}: export ${of("export")}, whole ${of("whole")}`;
  });
}

/** What changed since the build before: CPU of each part, this build's over the other's. */
export function changeText({ builds: [ours, ...others], task }: Result): string[] {
  return others.map(({ name, rounds }) => {
    const last = task.nights.length - 1;
    const of = (part: Part) =>
      `${part} ${times(ratio(costsOf(ours.rounds, last, part), costsOf(rounds, last, part), "cpu"))}`;
    return `CPU of this build over ${name}: ${PARTS.map(of).join(", ")}`;
  });
}

const costsOf = (rounds: Result["builds"][0]["rounds"], night: number, part: Part) =>
  rounds.map((round) => round[night][part]);

const valuesOf = (costs: Pick<Cost, Key>[], key: Key) => costs.map((cost) => cost[key]);

const ratio = (above: Pick<Cost, Key>[], below: Pick<Cost, Key>[], key: Key) =>
  median(above.map((cost, round) => cost[key] / below[round][key]));
