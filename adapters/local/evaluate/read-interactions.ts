import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { ErasedUsers } from "../../../contracts/erased-list.ts";
import { peopleRulesOf } from "../../../contracts/jobs.ts";
import { ROW_FILES } from "../../../contracts/layout.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import { openItemAliases } from "../../item-aliases.ts";
import { parquetFiles } from "../duckdb.ts";
import { exportEvents, type ExportResult } from "../export/export-events.ts";
import { findPeople } from "../similarity/people.ts";
import type { EvaluationHooks } from "./scores.ts";

export interface ReadRequest {
  settings: Settings;
  /** "all": every day of the events. */
  days: number | "all";
  /** Users whose events up to a time do not count. */
  erased?: ErasedUsers;
}

/** Reads a shop's event files as a night would, into the view `interactions`. */
export async function readInteractions(
  connection: DuckDBConnection,
  folder: string,
  { settings, days, erased }: ReadRequest,
  { progress, signal }: EvaluationHooks,
): Promise<ExportResult> {
  const target = {
    attempt: "1",
    interactions: join(folder, "interactions"),
    items: join(folder, "items"),
    rejects: join(folder, "rejects.csv"),
    temporary: join(folder, "temporary"),
  };
  const part = { signal, progress: (fraction: number, message: string) => progress(0.5 * fraction, message) };
  const aliases = await openItemAliases(settings);
  const request = { ...settings, days, ...(aliases ? { aliases } : {}), ...(erased ? { erased } : {}) };
  const exported = await exportEvents(request, target, part);
  const files = parquetFiles([target.interactions], `**/${ROW_FILES.parquet}`);
  const people = await findPeople(connection, files, peopleRulesOf(settings));
  await connection.run(`CREATE VIEW interactions AS FROM ${people.interactions}`);
  return exported;
}
