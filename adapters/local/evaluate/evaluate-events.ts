import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { Settings } from "../../../contracts/settings/settings.ts";
import type { TableName } from "../../../contracts/tables.ts";
import { openDuckDB } from "../duckdb.ts";
import type { Ties } from "./codes.ts";
import { evaluateSplit, type Evaluation } from "./evaluate-split.ts";
import { readInteractions } from "./read-interactions.ts";
import { recentDays } from "./recent-days.ts";
import type { Against, EvaluationHooks } from "./scores.ts";
import { checkTestFile, type Holdout } from "./split.ts";

export interface EvaluationRequest {
  settings: Settings;
  /** Other settings of neighbours, to compare with on the same split. */
  against?: Against;
  /** "all": every day of the events. */
  days: number | "all";
  holdout: Holdout;
  /** The table whose neighbours are measured. */
  scenario: TableName;
  ties: Ties;
  /** A CSV file with the columns user, item, stars, sentiment; true: the reviews of the shop. */
  reviews?: string | true;
  /** Adds `details` to the evaluation. */
  details?: boolean;
  /** A folder that gets what another program needs to score the same lists: see `Ranks`. */
  exportRanks?: string;
}

/**
 * Splits a shop's events, trains on one part, and scores recommendations on the other. It compares
 * the given settings, factors and their blend with neighbours, the 2018 article, and popularity.
 * @throws Problem when there is nothing to test on.
 */
export async function evaluateEvents(
  request: EvaluationRequest,
  hooks: EvaluationHooks,
): Promise<Evaluation> {
  const [{ evaluation }] = await evaluateSplits(request, async () => [request.holdout], hooks);
  return evaluation;
}

/** An evaluation, and what it held out. */
export interface EvaluatedSplit {
  holdout: Holdout;
  evaluation: Evaluation;
}

/**
 * The same by two splits, reading the events once: the last days first, and each user's last order
 * second. The first is left out where `recentDays` finds none.
 * @throws Problem as `evaluateEvents` does.
 */
export const evaluateBoth = (
  request: Omit<EvaluationRequest, "holdout" | "exportRanks">,
  hooks: EvaluationHooks,
): Promise<EvaluatedSplit[]> =>
  evaluateSplits(
    request,
    async (connection) => {
      const days = await recentDays(connection);
      const inTime: Holdout[] = days === undefined ? [] : [{ kind: "days", days }];
      return [...inTime, { kind: "last-purchase" }];
    },
    hooks,
  );

/** What does not depend on the split. */
export type OneSplit = Omit<EvaluationRequest, "holdout">;

async function evaluateSplits(
  request: OneSplit & { holdout?: Holdout },
  holdoutsOf: (connection: DuckDBConnection) => Promise<Holdout[]>,
  hooks: EvaluationHooks,
): Promise<EvaluatedSplit[]> {
  const folder = await mkdtemp(join(tmpdir(), "steamer-evaluate-"));
  const { settings, holdout } = request;
  const db = await openDuckDB({ threads: settings.threads, temporary: join(folder, "spill") });
  try {
    if (holdout?.kind === "file") await checkTestFile(db.connection, holdout.file);
    const { firstDay, lastDay, outsideWindow } = await readInteractions(
      db.connection,
      folder,
      request,
      hooks,
    );
    const window = { firstDay, lastDay, outsideWindow };
    const found: EvaluatedSplit[] = [];
    for (const holdout of await holdoutsOf(db.connection))
      found.push({
        holdout,
        evaluation: { ...(await evaluateSplit(db.connection, folder, holdout, request, hooks)), window },
      });
    return found;
  } finally {
    db.close();
    await rm(folder, { recursive: true, force: true });
  }
}
