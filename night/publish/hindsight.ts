import type { Clicks, DayTest, Figures, Hindsight, NoHindsight } from "../../contracts/hindsight.ts";
import { DEEDS, MOST_BUYERS, type Deed } from "../../contracts/jobs.ts";
import { lastDayOf } from "../../contracts/manifest.ts";
import { DEFAULT_ANSWERS, type ModelAnswers } from "../../contracts/settings/query.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { perTable } from "../../contracts/tables.ts";
import {
  measureAnswers,
  type MeasuredAnswers,
  type ModelAnswers as Measured,
} from "../../core/evaluation/answers.ts";
import { questionsOf, type DayQuestions, type Done } from "../../core/evaluation/hindsight.ts";
import { gainOf, meanOf } from "../../core/evaluation/quality.ts";
import { deedOf } from "../state/hindsight.ts";
import type { Snapshot } from "../../core/model/decode.ts";

/** How many users are asked at most, by what they did. */
export type Asking = Record<Deed, number>;

/**
 * Reads the interactions of so many buyers of a run's last day; undefined: the run has none.
 * @throws Problem when they cannot be read.
 */
export type ReadBuyers = (most: Asking) => Promise<Done[] | undefined>;

/** Counts the clicks on a model's answers on a day; undefined: nobody knows of any. */
export type ReadClicks = (model: string, day: string) => Promise<Clicks | undefined>;

/** The models of a publication: the one that served on the last day, and the one to come. */
export interface Judged {
  day: string;
  /** The serving model's name, and what it is made of where that can be read. */
  serving: { name: string; snapshot: Snapshot | null; answers?: ModelAnswers } | null;
  next: Snapshot;
}

/**
 * Scores the model that served on the last day of a run on what people did then. It must end before
 * that day: a model that has seen the answers is not asked.
 */
export async function lookBack(
  { day, serving, next }: Judged,
  settings: Settings,
  { readBuyers, readClicks }: { readBuyers: ReadBuyers; readClicks: ReadClicks },
): Promise<Hindsight | NoHindsight> {
  const nothing = (why: string): NoHindsight => ({ day, why });
  if (!serving) return nothing("no model has served before");
  const { name, snapshot, answers } = serving;
  if (lastDayOf(name) >= day)
    return nothing(`the serving model ${name} was made with the events of this day`);
  if (!snapshot) return nothing(`the serving model ${name} cannot be read`);
  const questions = await ask(readBuyers);
  if (!questions) return nothing("the similarity stage has not written who bought on this day");
  // A night's settings may be tuned since: what serves still goes by those of its own night.
  const served = { ...settings, ...DEFAULT_ANSWERS, ...answers };
  const tests = questions
    .filter(({ asked }) => asked.length > 0)
    .map((asked) => ({ ...asked, answers: measureAnswers(snapshot, asked.asked, served) }));
  if (tests.length === 0) return nothing("nobody with a history did anything on it that could be asked for");
  const deeds = Object.fromEntries(tests.map((test) => [test.deed, dayTest(test)]));
  const judging = tests.find(({ deed }) => deed === deedOf(deeds))!;
  const gains = gainsOf(judging, measureAnswers(next, judging.asked, settings));
  const clicks = await readClicks(name, day);
  return { day, model: name, deeds, next: gains, ...(clicks ? { clicks } : {}) };
}

const EVERYBODY: Asking = { purchase: MOST_BUYERS, add_to_cart: MOST_BUYERS };
/** With so many buyers baskets tell little more: a glance at them is enough. */
const ENOUGH = 200;

async function ask(readBuyers: ReadBuyers): Promise<Questions[] | undefined> {
  const few: Asking = { ...EVERYBODY, add_to_cart: ENOUGH };
  const rows = await readBuyers(few);
  const found = rows && questionsIn(rows, few);
  if (!found || found[0].asked.length >= ENOUGH) return found;
  const all = await readBuyers(EVERYBODY);
  return all && questionsIn(all, EVERYBODY);
}

const questionsIn = (rows: readonly Done[], most: Asking): Questions[] =>
  DEEDS.map((deed) => ({ deed, ...questionsOf(rows, deed, most[deed]) }));

interface Questions extends DayQuestions {
  deed: Deed;
}

interface Test extends Questions {
  answers: Measured;
}

const dayTest = ({ asked, unknownUsers, hadBefore, answers }: Test): DayTest => ({
  users: asked.length,
  unknownUsers,
  hadBefore,
  tables: perTable((table) => figuresOf(answers.tables[table])),
  mostPopular: figuresOf(answers.mostPopular()),
});

const gainsOf = ({ answers }: Test, next: Measured): Hindsight["next"] =>
  perTable((table) => {
    const { mean, standardError } = gainOf(answers.tables[table].each, next.tables[table].each);
    return { mean: rounded(mean), standardError: errorOf(standardError) };
  });

function figuresOf({ quality, each, popular }: MeasuredAnswers): Figures {
  const { recall10, ndcg10, coverage10 } = quality;
  return {
    recall10: rounded(recall10),
    ndcg10: rounded(ndcg10),
    standardError: errorOf(meanOf(each).standardError),
    coverage10: rounded(coverage10),
    popular: rounded(popular),
  };
}

const rounded = (value: number) => Math.round(value * 1e6) / 1e6;
const errorOf = (value: number) => (Number.isFinite(value) ? rounded(value) : null);
