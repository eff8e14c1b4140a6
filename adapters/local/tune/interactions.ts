import type { DuckDBConnection } from "@duckdb/node-api";
import { peopleRulesOf } from "../../../contracts/jobs.ts";
import { Problem } from "../../../contracts/problem.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import { readErased } from "../../../night/state/erased-list.ts";
import { areExportsThere, exported } from "../../../night/state/exports.ts";
import type { Objects } from "../../../night/state/objects.ts";
import { listRuns } from "../../../night/run/run.ts";
import { readInteractions } from "../evaluate/read-interactions.ts";
import type { EvaluationHooks } from "../evaluate/scores.ts";
import { findPeople } from "../similarity/people.ts";
import { pinnedInteractions } from "../similarity/pinned.ts";

/**
 * The view `interactions`: the shop's event files, or else the days that its latest night has
 * pinned.
 * @throws Problem when there are neither.
 */
export async function openInteractions(
  connection: DuckDBConnection,
  folder: string,
  { settings, objects }: { settings: Settings; objects: Objects },
  hooks: EvaluationHooks,
): Promise<void> {
  const { shop } = settings;
  if (settings.events.length > 0) {
    const erased = await readErased(objects, shop);
    await readInteractions(connection, folder, { settings, days: "all", erased }, hooks);
    return;
  }
  for (const { value } of (await listRuns(objects, shop)).toReversed()) {
    const days = exported(value);
    if (!days || !(await areExportsThere(objects, value))) continue;
    const people = await findPeople(
      connection,
      pinnedInteractions(settings.data, days),
      peopleRulesOf(settings),
    );
    await connection.run(`CREATE VIEW interactions AS FROM ${people.interactions}`);
    return;
  }
  const next = "name its event files with --events, or run a night first: steamer nightly";
  throw new Problem({ doing: `Tuning ${shop}`, why: "no night of it has read events yet", next });
}
