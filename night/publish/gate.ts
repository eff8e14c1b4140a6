import type { Settings } from "../../contracts/settings/settings.ts";
import { MAIN_TABLE } from "../../contracts/tables.ts";
import type { Snapshot } from "../../core/model/decode.ts";

/** Measures of a model, for the gate. All shares are 0 to 1. */
export interface GateMetrics {
  items: number;
  /** Share of items with neighbours. */
  coverage: number;
  /**
   * Mean share of an item's ten best neighbours that the serving model lists among its ten best
   * too. Null without a serving model.
   */
  overlap: number | null;
}

/** Measures a new model, and compares it with the serving one. */
export function measureModel(model: Snapshot, serving: Snapshot | null): GateMetrics {
  return {
    items: model.items,
    coverage: coverage(model),
    overlap: serving && topListOverlap(model, serving),
  };
}

/**
 * The gate's objections to a new model: one sentence for each missed bound, none when the model may
 * be published. The first model of a shop passes.
 */
export function gate(
  model: GateMetrics,
  serving: GateMetrics | null,
  bounds: Pick<Settings, "minItems" | "minCoverage" | "minOverlap">,
): string[] {
  if (!serving) return [];
  const missed: string[] = [];
  const check = (what: string, value: number, bound: number, setting: string) => {
    if (value < bound) missed.push(`${what} is ${round(value)}, below ${round(bound)} (${setting})`);
  };
  check("the number of items", model.items, serving.items * bounds.minItems, "minItems");
  check(
    "the share of items with neighbours",
    model.coverage,
    serving.coverage * bounds.minCoverage,
    "minCoverage",
  );
  if (model.overlap !== null) {
    check("the overlap of top lists with the serving model", model.overlap, bounds.minOverlap, "minOverlap");
  }
  return missed;
}

const round = (value: number) => Math.round(value * 1000) / 1000;

function coverage({ items, tableOf }: Snapshot): number {
  const { offset } = tableOf(MAIN_TABLE);
  let covered = 0;
  for (let i = 0; i < items; i++) covered += offset[i + 1] > offset[i] ? 1 : 0;
  return covered / (items || 1);
}

/**
 * The mean over items with neighbours in both models. It is 0 without such an item, and null when
 * one model has no neighbours at all.
 */
function topListOverlap(model: Snapshot, serving: Snapshot): number | null {
  const servingRow = Array.from({ length: model.items }, (_, row) => serving.find(model.idOf(row)));
  const shares: number[] = [];
  for (let row = 0; row < model.items; row++) {
    if (servingRow[row] < 0) continue;
    const mine = topTen(model, row).map((item) => servingRow[item]);
    const theirs = topTen(serving, servingRow[row]);
    if (mine.length === 0 || theirs.length === 0) continue;
    shares.push(theirs.filter((item) => mine.includes(item)).length / Math.min(mine.length, theirs.length));
  }
  if (shares.length > 0) return shares.reduce((a, b) => a + b, 0) / shares.length;
  return coverage(model) > 0 && coverage(serving) > 0 ? 0 : null;
}

function topTen({ tableOf }: Snapshot, row: number): number[] {
  const { offset, item } = tableOf(MAIN_TABLE);
  return Array.from(item.subarray(offset[row], Math.min(offset[row] + 10, offset[row + 1])));
}
