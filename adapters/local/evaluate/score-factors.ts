import { alsKnobsOf } from "../../../contracts/settings/als.ts";
import { MAIN_TABLE, TABLES } from "../../../contracts/tables.ts";
import type { Recommend } from "../../../core/evaluation/quality.ts";
import { byFactors } from "../../../core/evaluation/ways.ts";
import { trainedRows } from "../../../core/factors/factor-rows.ts";
import { ItemFactors, type HistoryEntry } from "../../../core/factors/item-factors.ts";
import type { NeighbourTable } from "../../../core/model/neighbour-table.ts";
import type { Ratings } from "../../../core/ratings/ratings.ts";
import { iterationLine, readWeighted, train } from "../factors/train.ts";
import type { Scoring } from "./scores.ts";

/**
 * Trains factors, to recommend by them alone, and blended with neighbours; neither where the
 * settings have no factors.
 */
export async function factorsOf(
  { connection, settings, scenario, hooks: { progress, signal } }: Scoring,
  table: NeighbourTable,
): Promise<[name: string, recommend: Recommend][]> {
  const knobs = alsKnobsOf(settings);
  // Personal recommendations blend factors with the main table.
  if (knobs.factors === 0 || scenario !== MAIN_TABLE) return [];
  const ratings = await readWeighted(connection, knobs);
  const { workspace } = await train(ratings, knobs, settings.threads, {
    signal,
    iteration: (k, loss) => progress(0.8 + (0.15 * k) / knobs.iterations, iterationLine(k, knobs, loss)),
  });
  const persons = {
    users: trainedRows(workspace, "users"),
    items: new ItemFactors(trainedRows(workspace, "items"), knobs),
    table,
    weights: settings[TABLES[MAIN_TABLE].queryWeights],
    eventWeights: knobs.eventWeights,
    entriesOf: (user: number) => entriesOf(ratings, user),
  };
  return [
    ["factors", byFactors({ ...persons, blend: 1 })],
    ["both", byFactors({ ...persons, blend: settings["als.blend"] })],
  ];
}

function entriesOf({ rowStart, item, value }: Ratings, user: number): HistoryEntry[] {
  const rows = item.subarray(rowStart[user], rowStart[user + 1]);
  return Array.from(rows, (row, k) => ({ row, weight: value?.[rowStart[user] + k] ?? 1 }));
}
