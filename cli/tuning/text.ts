import type { TunedTable, TuneResult } from "../../adapters/local/tune/tune.ts";
import { flagOf } from "../../adapters/settings.ts";
import type { Gain } from "../../core/evaluation/quality.ts";
import { shown } from "../options.ts";
import { count, signed, table } from "../table.ts";

/** The figures of each table, and what is proposed, as flags. */
export function tuningAsText({ parts, tables }: TuneResult): string {
  const rows = tables.map(({ table, before, after, gain }) => [
    table,
    before.mean.toFixed(4),
    after.mean.toFixed(4),
    signed(gain.mean),
    gain.standardError.toFixed(4),
  ]);
  const { last } = parts;
  return [
    table(["NDCG@10", "present", "best found", "difference", "±"], rows),
    `${count(last.users)} orders of ${last.orders.first} to ${last.orders.last}, which the search never saw; ` +
      `trained on ${last.training.first} to ${last.training.last}`,
    "±: the standard error of the difference, user by user; less than twice as much may be chance",
    ...tables.flatMap(verdictOf),
  ].join("\n");
}

function verdictOf(found: TunedTable): string[] {
  const { proposed, table } = found;
  if (!proposed) return [`${table}: ${sayVerdict(found)}`];
  const flags = Object.entries(proposed).map(([name, value]) => `  ${flagOf(name)} ${shown(value)}`);
  return [`${table}: ${sayVerdict(found)}`, ...flags];
}

/** What to do, in words. */
export const sayVerdict = ({ proposed, gain }: TunedTable): string =>
  proposed
    ? "What was found is ahead by more than two standard errors, and is proposed."
    : `${asGood(gain)}. The present settings stay.`;

const asGood = ({ mean, standardError }: Gain) =>
  mean === 0 && standardError === 0
    ? "Nothing better was found"
    : mean > 0
      ? "What was found is not clearly better"
      : "What was found is no better on later days";
