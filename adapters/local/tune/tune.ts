import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { paths } from "../../../contracts/layout.ts";
import { Problem } from "../../../contracts/problem.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import { knobsOf } from "../../../contracts/settings/similarity.ts";
import type { TableName } from "../../../contracts/tables.ts";
import { Study, type TuningTrial } from "../../../contracts/tuning.ts";
import { gainOf, meanOf, type Gain, type TestUser } from "../../../core/evaluation/quality.ts";
import { Random } from "../../../core/random.ts";
import { search } from "../../../core/tuning/study.ts";
import { tableSearch, type Search, type TableSearch } from "../../../core/tuning/table-search.ts";
import { readDocument, swapDocument, type Document } from "../../../night/state/document.ts";
import type { Objects } from "../../../night/state/objects.ts";
import { openDuckDB } from "../duckdb.ts";
import type { EvaluationHooks } from "../evaluate/scores.ts";
import { openInteractions } from "./interactions.ts";
import { readParts, type Part, type Parts } from "./parts.ts";
import { TableTrials } from "./table-trials.ts";

export interface TuneRequest {
  settings: Settings;
  objects: Objects;
  tables: readonly TableName[];
  /** Settings that the operator gave: they are not searched. */
  given: ReadonlySet<string>;
  trials: number;
  only?: Search | undefined;
}

export interface TuneHooks extends EvaluationHooks {
  /** Once it is known who is asked. */
  onRead(summary: string): void;
  /** After each trial of a table. */
  onTrial(table: TableName, trials: readonly TuningTrial[], best: TuningTrial): void;
}

/** What came of one table's search. */
export interface TunedTable {
  table: TableName;
  search: TableSearch;
  trials: readonly TuningTrial[];
  /** How many of them an earlier time had left. */
  known: number;
  best: TuningTrial;
  /** NDCG@10 in the last part, before and after, and the difference user by user. */
  before: Gain;
  after: Gain;
  gain: Gain;
  /** The settings that are proposed; absent: the present ones are as good. */
  proposed?: Partial<Settings>;
}

export interface TuneResult {
  parts: Pick<Parts, "rows"> &
    Record<"validation" | "last", Pick<Part, "training" | "orders"> & { users: number }>;
  tables: TunedTable[];
}

/**
 * Searches for a shop's settings, table by table. What is found on the validation's users is
 * compared with the present settings on the last part, which the search never saw.
 * @throws Problem when the shop is too small; the signal's reason, and then all trials are kept.
 */
export async function tune(request: TuneRequest, hooks: TuneHooks): Promise<TuneResult> {
  const { settings, tables } = request;
  for (const table of tables) refuseSampled(settings, table);
  const folder = await mkdtemp(join(tmpdir(), "steamer-tune-"));
  const db = await openDuckDB({ threads: settings.threads, temporary: join(folder, "spill") });
  let parts: Parts;
  try {
    await openInteractions(db.connection, folder, request, hooks);
    hooks.progress(0.6, "splitting in time");
    parts = await readParts(db.connection, settings, tables);
  } finally {
    db.close();
    await rm(folder, { recursive: true, force: true });
  }
  hooks.onRead(`${asked(parts.validation)} to choose by, ${asked(parts.last)} to compare with`);
  const tuned: TunedTable[] = [];
  for (const table of tables) tuned.push(await tuneTable(table, parts, request, hooks));
  const sizes = ({ training, orders, users }: Part) => ({ training, orders, users: users.length });
  return {
    parts: { rows: parts.rows, validation: sizes(parts.validation), last: sizes(parts.last) },
    tables: tuned,
  };
}

const asked = ({ users, orders }: Part) =>
  `${users.length.toLocaleString("en")} orders of ${orders.first} to ${orders.last}`;

async function tuneTable(
  table: TableName,
  { validation, last, events, rows }: Parts,
  { settings, objects, given, trials, only }: TuneRequest,
  { signal, onTrial }: TuneHooks,
): Promise<TunedTable> {
  const found = tableSearch({ settings, table, given, events, only });
  const users = shuffled(validation.users);
  const about = JSON.stringify([found, table, rows, validation.training, validation.orders, users.length]);
  let document = await readStudy(objects, settings.shop, table, about);
  const { trials: known, seeds: seed } = document.value;
  const work = new TableTrials(validation, table, settings, signal);
  const best = await search({
    ...found,
    users,
    trials: Object.keys(found.space).length === 0 ? 1 : Math.max(trials, known.length),
    seed,
    known,
    measure(point, asked) {
      signal.throwIfAborted();
      return work.measure(found.settingsOf(point), asked);
    },
    async onTrial(trials, best) {
      document = await swapDocument(objects, document, { ...document.value, trials: [...trials] });
      onTrial(table, trials, best);
      await setImmediate();
    },
  });
  const verdict = await compare(new TableTrials(last, table, settings, signal), last.users, found, best);
  return { table, search: found, trials: document.value.trials, known: known.length, best, ...verdict };
}

/** The present settings against the best, where neither was chosen. */
async function compare(
  work: TableTrials,
  users: TestUser[],
  { settingsOf }: TableSearch,
  { point }: TuningTrial,
): Promise<Pick<TunedTable, "before" | "after" | "gain" | "proposed">> {
  const proposed = settingsOf(point);
  const present = await work.measure({}, users);
  const best = await work.measure(proposed, users);
  const gain = gainOf(present, best);
  const isAhead = gain.mean > 2 * gain.standardError;
  return { before: meanOf(present), after: meanOf(best), gain, ...(isAhead ? { proposed } : {}) };
}

/** The trials of an earlier time, if they were about the same. */
async function readStudy(
  objects: Objects,
  shop: string,
  table: TableName,
  about: string,
): Promise<Document<Study>> {
  const path = paths.study(shop, table);
  const stored = await readDocument(objects, path, Study);
  const isSame = stored?.value.about === about;
  const value = isSame ? { ...stored.value, seeds: stored.value.seeds + 1 } : { about, seeds: 1, trials: [] };
  return { path, value, generation: stored?.generation ?? null };
}

/** The first users are a sample of all, the same one at any time. */
function shuffled(users: TestUser[]): TestUser[] {
  const ranks = new Random(users.length).ranks(users.length);
  return ranks.map((rank) => users[rank - 1]);
}

function refuseSampled(settings: Settings, table: TableName): void {
  const { mode, vectors } = knobsOf(settings, table);
  if (mode === "exact" && vectors === "binary") return;
  const why = `the table ${table} is made with mode ${mode} and ${vectors} vectors; only exact, binary ones are searched`;
  const next = "leave out mode and vectors, or tune another table with --table";
  throw new Problem({ doing: `Tuning ${settings.shop}`, why, next });
}
