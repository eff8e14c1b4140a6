import { basename } from "node:path";
import { closedIntradayDays } from "../../../../night/run/intraday.ts";
import type { EventFile, IgnoredFile } from "./input-files.ts";

const INTRADAY =
  "intraday tables are incomplete; the daily one will come (--intraday takes days that are over)";
const REPLACED = "there is a daily table of that day";
const NOT_OVER = "an intraday table of a day that may not be over";
const FRESH = "fresh tables have the events of the daily ones a second time";
const USERS = "it has users, not events";

/**
 * Takes out the files that are tables of GA4's export beside its daily events. Their files may lie
 * in folders with their names.
 * @param intraday takes days that are over and have no daily table
 */
export function withoutOtherTables(
  files: readonly EventFile[],
  intraday: boolean,
): { files: EventFile[]; ignored: IgnoredFile[] } {
  const daily = files.filter(({ series }) => series === "events_").flatMap(({ day }) => day ?? []);
  const streamed = files.filter(isIntraday).flatMap(({ day }) => day ?? []);
  const closed = intraday ? closedIntradayDays(daily, streamed, new Date()) : [];
  const whyNot = (file: EventFile) => {
    if (isIntraday(file)) {
      if (file.day !== undefined && closed.includes(file.day)) return undefined;
      if (!intraday) return INTRADAY;
      return daily.includes(file.day ?? "") ? REPLACED : NOT_OVER;
    }
    if (file.series === "events_fresh_") return FRESH;
    const isUsers = file.series === "users_" || file.series === "pseudonymous_users_";
    return isUsers && daily.length > 0 ? USERS : undefined;
  };
  const judged = files.map((file) => ({ file, why: whyNot(file) }));
  return {
    files: judged.filter(({ why }) => why === undefined).map(({ file }) => file),
    ignored: judged.flatMap(({ file: { path }, why }) => (why === undefined ? [] : [{ path, why }])),
  };
}

const isIntraday = ({ path, series }: EventFile) =>
  /intraday/i.test(basename(path)) || series === "events_intraday_";
