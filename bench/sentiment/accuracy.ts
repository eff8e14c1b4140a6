import { runJson } from "../run-json.ts";
import { count, table } from "../print-table.ts";
import { sentimentProgram } from "../../sentiment-model/python.ts";
import { lexiconScores } from "./lexicons.ts";

export interface Sentence {
  domain: string;
  text: string;
  positive: boolean;
}

/** What sentiment-model/measure.py prints. */
interface Measured {
  sentences: Sentence[];
  /** VADER's compound scores. */
  vader: number[];
  /** By domain, the shares that heads trained on the other halves have right: one a split. */
  halves: Record<string, number[]>;
  /** By domain, the share that a head trained on the other domains has right. */
  unseen: Record<string, number>;
}

/** Prints the accuracy of our head and of word lists on each domain. Returns the sentences. */
export function compareAccuracy(python: string, data: string): Sentence[] {
  const { sentences, vader, halves, unseen } = runJson(
    python,
    [sentimentProgram("measure.py"), data],
    1,
  ) as Measured;
  const scores = { VADER: vader, ...lexiconScores(sentences.map(({ text }) => text)) };
  const domains = Object.keys(halves);
  const row = (name: string, shareOf: (domain: string) => string) => [name, ...domains.map(shareOf)];
  const rows = [
    row("ours, trained on the other half", (domain) => mean(halves[domain])),
    row("ours, lowest and highest of the splits", (domain) => range(halves[domain])),
    row("ours, trained on the other domains", (domain) => unseen[domain].toFixed(3)),
    ...Object.entries(scores).map(([name, values]) =>
      row(name, (domain) => shareRight(sentences, values, domain).toFixed(3)),
    ),
  ];
  console.log(`${count(sentences.length)} sentences; the share that is classified rightly`);
  console.log(table(["", ...domains], rows));
  return sentences;
}

/** A word list that finds nothing says 0, which is taken as negative. The contrary is worse. */
function shareRight(sentences: readonly Sentence[], scores: readonly number[], domain: string): number {
  const own = [...sentences.keys()].filter((k) => sentences[k].domain === domain);
  return own.filter((k) => scores[k] > 0 === sentences[k].positive).length / own.length;
}

const mean = (values: readonly number[]) =>
  (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(3);
const range = (values: readonly number[]) =>
  `${Math.min(...values).toFixed(3)}-${Math.max(...values).toFixed(3)}`;
