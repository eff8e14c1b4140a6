import type { Settings } from "../../../contracts/settings/settings.ts";
import { knobsOf, type Knobs } from "../../../contracts/settings/similarity.ts";
import { TABLES, type TableName } from "../../../contracts/tables.ts";
import { evaluate, type TestUser } from "../../../core/evaluation/quality.ts";
import { byNeighbours } from "../../../core/evaluation/ways.ts";
import { neighbourTable, type NeighbourTable } from "../../../core/model/neighbour-table.ts";
import { makerOf } from "../../../core/tables/makers.ts";
import type { CoCounts } from "../../../core/tuning/co-counts.ts";
import { weighed } from "../../../core/tuning/weighed.ts";
import { findNeighbours } from "../similarity/find-neighbours.ts";
import type { Part } from "./parts.ts";

/** So many pairs are kept, of the counts that were used last: 24 bytes each. */
const MOST_PAIRS = 8_000_000;

/** Measures settings of one table on one part. */
export class TableTrials {
  readonly #part: Part;
  readonly #table: TableName;
  readonly #settings: Settings;
  readonly #signal: AbortSignal;
  /** Co-counts by what they depend on. The one that was used last comes last. */
  readonly #counted = new Map<string, CoCounts>();

  /** The last whole table: a sample of the users is asked from it, then perhaps all of them. */
  #whole: { key: string; table: NeighbourTable } | undefined;

  constructor(part: Part, table: TableName, settings: Settings, signal: AbortSignal) {
    this.#part = part;
    this.#table = table;
    this.#settings = settings;
    this.#signal = signal;
  }

  /** The NDCG@10 of each of these users, with the given settings over the present ones. */
  async measure(given: Partial<Settings>, users: TestUser[]): Promise<Float64Array> {
    const settings = { ...this.#settings, ...given };
    const table = await this.#tableOf(knobsOf(settings, this.#table), users);
    const weights = settings[TABLES[this.#table].queryWeights];
    return evaluate(users, this.#part.items, byNeighbours(table, weights, settings.halfLife)).each;
  }

  async #tableOf(knobs: Knobs, users: TestUser[]): Promise<NeighbourTable> {
    const ratings = this.#part.ratings.get(this.#table)!;
    const shared = makerOf(knobs.method).search?.shared;
    if (shared) {
      const key = [knobs.method, users.length, ...shared.countedBy.map((knob) => knobs[knob])].join(" ");
      return weighed(
        this.#kept(key, () => shared.count(ratings, knobs, itemsOf(users))),
        knobs,
      );
    }
    const key = JSON.stringify(knobs);
    if (this.#whole?.key !== key) {
      const hooks = { signal: this.#signal, threads: this.#settings.threads };
      this.#whole = { key, table: neighbourTable((await findNeighbours(ratings, knobs, hooks)).neighbours) };
    }
    return this.#whole.table;
  }

  #kept(key: string, count: () => CoCounts): CoCounts {
    const counts = this.#counted.get(key) ?? count();
    this.#counted.delete(key);
    this.#counted.set(key, counts);
    let pairs = 0;
    for (const [old, { item }] of [...this.#counted].toReversed()) {
      pairs += item.length;
      if (pairs > MOST_PAIRS && old !== key) this.#counted.delete(old);
    }
    return counts;
  }
}

/** The items of the users' histories, ascending. */
function itemsOf(users: readonly TestUser[]): Int32Array {
  const items = new Set(users.flatMap(({ timeline = [] }) => timeline));
  return Int32Array.from(items).sort();
}
