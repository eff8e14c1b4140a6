import type { DuckDBConnection } from "@duckdb/node-api";
import type { SimilarityMetrics } from "../../../contracts/metrics.ts";
import { alsKnobsOf } from "../../../contracts/settings/als.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import { encodeItemFactors, encodeUserFactors } from "../../../core/factors/encode-factors.ts";
import { readFactors } from "./read-factors.ts";

export interface FactorRun {
  similarity: SimilarityMetrics;
  settings: Settings;
  /** Rows of the snapshot. The table `item_codes` numbers them. */
  items: number;
}

/**
 * Builds the files of a run's factors; undefined when the run has none.
 * @param relation a folder of Parquet files, as a relation for SQL
 */
export async function buildFactors(
  connection: DuckDBConnection,
  relation: (folder: string) => string,
  { similarity, settings, items: rows }: FactorRun,
): Promise<{ items: Uint8Array; users: Uint8Array } | undefined> {
  const { factors, userFactors, itemFactors } = similarity;
  if (!factors || !userFactors || !itemFactors) return undefined;
  const sources = { userFactors: relation(userFactors), itemFactors: relation(itemFactors) };
  const { items, users } = await readFactors(connection, sources, factors, rows);
  const { regularization, exponent, unobserved, eventWeights } = alsKnobsOf(settings);
  return {
    items: encodeItemFactors(items, { regularization, exponent, unobserved, eventWeights }),
    users: encodeUserFactors(users),
  };
}
