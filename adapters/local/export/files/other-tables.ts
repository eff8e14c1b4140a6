import { basename } from "node:path";
import type { EventFile, IgnoredFile } from "./input-files.ts";

/** GA4 writes these beside its daily tables. Their files may lie in folders with their names. */
const INTRADAY = "intraday tables are incomplete; the daily one will come";
const FRESH = "fresh tables have the events of the daily ones a second time";
const USERS = "it has users, not events";

/** Takes out the files that are tables of GA4's export, but not its daily events. */
export function withoutOtherTables(files: readonly EventFile[]): {
  files: EventFile[];
  ignored: IgnoredFile[];
} {
  const hasEvents = files.some(({ series }) => series === "events_");
  const ignored = files.flatMap((file) => {
    const why = whyNot(file, hasEvents);
    return why ? [{ path: file.path, why }] : [];
  });
  const out = new Set(ignored.map(({ path }) => path));
  return { files: files.filter(({ path }) => !out.has(path)), ignored };
}

function whyNot({ path, series }: EventFile, hasEvents: boolean): string | undefined {
  if (/intraday/i.test(basename(path)) || series === "events_intraday_") return INTRADAY;
  if (series === "events_fresh_") return FRESH;
  const isUsers = series === "users_" || series === "pseudonymous_users_";
  return isUsers && hasEvents ? USERS : undefined;
}
