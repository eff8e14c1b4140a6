import type { DuckDBConnection } from "@duckdb/node-api";
import type { ErasedUsers } from "../../../contracts/erased-list.ts";
import type { SimilarityMetrics } from "../../../contracts/metrics.ts";
import { alsKnobsOf } from "../../../contracts/settings/als.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import { encodeItemFactors, encodeUserFactors } from "../../../core/factors/encode-factors.ts";
import { putFile, putUsersWithout } from "../../../night/state/model-file.ts";
import { loadErased, withoutErased } from "../erased.ts";
import { readFactors } from "./read-factors.ts";

export interface FactorRun {
  similarity: SimilarityMetrics;
  settings: Settings;
  /** Rows of the snapshot. The table `item_codes` numbers them. */
  items: number;
  /** Users who are left out. */
  erased: ErasedUsers;
}

/**
 * Builds the files of a run's factors, and says how that of users is put; undefined when the run
 * has none.
 * @param relation a folder of Parquet files, as a relation for SQL
 */
export async function buildFactors(
  connection: DuckDBConnection,
  relation: (folder: string) => string,
  { similarity, settings, items: rows, erased }: FactorRun,
): Promise<{ items: Uint8Array; users: Uint8Array; putUsers: typeof putFile } | undefined> {
  const { factors, userFactors, itemFactors } = similarity;
  if (!factors || !userFactors || !itemFactors) return undefined;
  const hasErased = await loadErased(connection, erased);
  const users = relation(userFactors);
  const sources = {
    userFactors: hasErased ? withoutErased(users) : users,
    itemFactors: relation(itemFactors),
  };
  const factorRows = await readFactors(connection, sources, factors, rows);
  const { regularization, exponent, unobserved, eventWeights } = alsKnobsOf(settings);
  return {
    items: encodeItemFactors(factorRows.items, { regularization, exponent, unobserved, eventWeights }),
    users: encodeUserFactors(factorRows.users),
    putUsers: hasErased ? putUsersWithout : putFile,
  };
}
