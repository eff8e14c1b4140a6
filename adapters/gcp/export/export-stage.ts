import { isDeepStrictEqual } from "node:util";
import { describeAliases, type ItemAliases } from "../../../contracts/item-aliases.ts";
import { exportName, paths } from "../../../contracts/layout.ts";
import type { DayExport, ExportMetrics } from "../../../contracts/metrics.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import {
  knownErasures,
  readErased,
  unfinishedErasures,
  type KnownErasures,
} from "../../../night/state/erased-list.ts";
import type { Objects } from "../../../night/state/objects.ts";
import { daysUpTo } from "../../../night/run/day.ts";
import { addRejected, type Rejected } from "../../../night/run/rejected.ts";
import type { Stage, StageContext, StageState } from "../../../night/run/stage.ts";
import { openItemAliases } from "../../item-aliases.ts";
import { attemptLabels, attemptName } from "../attempt.ts";
import * as jobs from "../bigquery-jobs.ts";
import { cancelDay, estimateDay, lookAtDay, readRejected, startDay, type DayQueries } from "./day-jobs.ts";
import { earlierExports } from "./earlier-exports.ts";
import { openEvents, type DayState, type EventSource } from "./event-source.ts";
import { dayQuery, exportTo, rejectsQuery } from "./export-query.ts";
import { exportRatings } from "./export-ratings.ts";
import { daysToExport } from "./export-window.ts";
import { inParallel } from "../in-parallel.ts";

/** A day that this attempt exports, with its job. */
type NewExport = Omit<DayExport, "table"> & { table: DayState; job: string };

/** The work of an attempt: the days of the window, and those that an earlier run has exported. */
interface ExportWork {
  kept: DayExport[];
  anew: NewExport[];
  warnings: string[];
  /** What finding it out has cost. */
  bytesBilled: number;
}

/** The same, once its jobs have been started. */
type StartedWork = ExportWork & { known?: KnownErasures } & Pick<ExportMetrics, "aliases">;

/**
 * The export stage on Google Cloud.
 * It runs a BigQuery job for each day whose table has changed since an earlier run exported it. It
 * compares all days, since asking is free: GA4 changes a table for some days, and people change it
 * later. When all days are there, it reads the reviews.
 */
export function exportStage(objects: Objects): Stage {
  return {
    name: "export",

    async start(context) {
      const { manifest, settings } = context;
      const client = await jobs.openBigQuery(settings);
      const events = await openEvents(client, settings);
      const aliases = await openItemAliases(settings);
      const work = await planWork(events, objects, context, aliases);
      const erased = await readErased(objects, manifest.shop);
      const queriesOf = (day: string) => ({
        interactions: dayQuery(events.rowsOf(day), erased, aliases),
        rejects: rejectsQuery(events.rowsOf(day), erased),
      });
      await refuseIfDear(client, settings, work.anew, queriesOf);
      const limits = jobs.limitsOf(settings, attemptLabels(manifest, "export"));
      await inParallel(work.anew, (anew) => {
        const queries = queriesOf(anew.day);
        const folder = `${settings.data}/${anew.interactions}`;
        const interactions = exportTo(folder, settings.exportFormat, queries.interactions);
        return startDay(client, anew, { ...queries, interactions }, limits);
      });
      const warnings = [...work.warnings, ...unfinishedErasures(erased)];
      const known = knownErasures(erased, manifest.stages.export.startedAt!);
      return { ...work, warnings, known, ...(aliases ? { aliases: describeAliases(aliases) } : {}) };
    },

    async poll(context, operation) {
      const { settings } = context;
      const work = operation as unknown as StartedWork;
      const client = await jobs.openBigQuery(settings);
      const looks = await inParallel(work.anew, (day) => lookAtDay(client, day));
      const failed = looks.find((look) => look.state === "failed");
      if (failed) {
        await cancelAll(client, work);
        return failed;
      }
      const done = looks.filter((look) => look.state === "done");
      if (done.length === looks.length) {
        const rejected = await readRejected(client, work.anew);
        return finished(work, done, rejected, await exportRatings(objects, context));
      }
      const message = `${done.length} of ${looks.length} days are exported`;
      return { state: "running", progress: done.length / looks.length, message };
    },

    async cancel({ settings }, operation) {
      await cancelAll(await jobs.openBigQuery(settings), operation as unknown as ExportWork);
    },
  };
}

async function planWork(
  events: EventSource,
  objects: Objects,
  { manifest, settings, attempt }: StageContext,
  aliases: ItemAliases | undefined,
): Promise<ExportWork> {
  const { shop, run, lastDay, reexport = [] } = manifest;
  const [firstDay] = daysUpTo(lastDay, settings.days);
  const found = await events.listDays(firstDay, lastDay);
  const { days, warnings } = daysToExport(found, lastDay, settings, events);
  const earlier = await earlierExports(objects, manifest, aliases);
  const tables = await events.describe(days);
  const work: ExportWork = {
    kept: [],
    anew: [],
    warnings: [...warnings, ...events.leftOut()],
    bytesBilled: events.bytesBilled(),
  };
  for (const [k, day] of days.entries()) {
    const before = earlier.get(day);
    if (before?.table && isDeepStrictEqual(before.table, tables[k]) && !reexport.includes(day)) {
      work.kept.push(before);
      continue;
    }
    const folder = paths.interactions(shop) + paths.exportOf(day, exportName(run, attempt));
    const job = `${attemptName({ manifest, attempt }, "export")}-${day.replaceAll("-", "")}`;
    work.anew.push({ day, interactions: folder, items: folder, table: tables[k], job });
  }
  return work;
}

/**
 * Adds up the night's bill before anything is started.
 * @throws Problem when it is above the limit.
 */
async function refuseIfDear(
  client: jobs.BigQueryClient,
  settings: Settings,
  days: NewExport[],
  queriesOf: (day: string) => DayQueries,
): Promise<void> {
  const estimates = await inParallel(days, ({ day }) => estimateDay(client, day, queriesOf(day)));
  const estimate = estimates.reduce((sum, bytes) => sum + bytes, 0);
  const doing = `Exporting ${days.length} days of ${settings.eventTable ?? settings.dataset}`;
  jobs.refuseIfDear(estimate, settings, doing, "days to fewer");
}

function finished(
  { kept, anew, warnings, known, aliases, bytesBilled }: StartedWork,
  looks: jobs.FinishedJob[],
  rejected: Record<string, number>[],
  reviewed: Pick<ExportMetrics, "reviews">,
): StageState {
  const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
  const exported = anew.map(({ job: _, table, ...day }, k) => ({
    ...day,
    rows: looks[k].exportedRows,
    rejected: rejected[k],
    // A table that changed after its job was made may have rows that the job did not see. Without
    // `table` the next run exports the day again.
    ...(isPinnable(table) && table.modified < looks[k].createdAt ? { table } : {}),
  }));
  const rejectedOfAll: Rejected = {};
  const days: DayExport[] = [...kept, ...exported].sort((a, b) => (a.day < b.day ? -1 : 1));
  for (const day of days) addRejected(rejectedOfAll, day.rejected ?? {});
  const metrics: ExportMetrics = {
    days,
    inputs: [],
    rows: sum(anew.map(({ table }) => table.rows)),
    interactions: sum(looks.map(({ exportedRows }) => exportedRows)),
    rejected: rejectedOfAll,
    rejectsFile: null,
    ...known,
    ...(aliases ? { aliases } : {}),
    ...reviewed,
    bytesBilled: bytesBilled + sum(looks.map((look) => look.bytesBilled)),
  };
  return { state: "done", metrics, warnings };
}

const isPinnable = (table: DayState): table is NonNullable<DayExport["table"]> =>
  table.modified !== undefined;

async function cancelAll(client: jobs.BigQueryClient, { anew }: ExportWork): Promise<void> {
  await inParallel(anew, (day) => cancelDay(client, day));
}
