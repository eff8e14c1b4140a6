import { missingIdPattern } from "../../../../contracts/missing-ids.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import { literal } from "../../duckdb.ts";

/**
 * The common form of every source: a SELECT with one row for each item of each event, and these
 * columns. It names the files that it reads as files.ts says.
 *
 *     part               number of the part: a file, or a piece of one
 *     line               number of the row: in the part, or counted on over several parts of a text
 *     malformed          true when the line cannot be read at all
 *     heading            true when the line is a CSV header
 *     event, event_text  one of the three or NULL; the name in the file
 *     user, item, quantity, name, category, price, scope         text, as in the file
 *     time               as in the file
 *     device             where the user was seen, if devices take their user; else NULL
 *     micros             microseconds since 1970, NULL where the time cannot be read
 *     day                DATE
 */
export interface EventRows {
  select: string;
  /**
   * SQL over the columns above: the row as text, for the rejects file. Null: it is the line itself.
   */
  text: string | null;
}

/** SQL: a text that is no id of a user, or of an item: contracts/missing-ids.ts. */
export function isMissing(
  column: "user" | "item",
  text: string,
  { missingIds }: Pick<Settings, "missingIds">,
): string {
  return `(${text} IS NULL OR regexp_full_match(${text}, ${literal(missingIdPattern(column, missingIds))}))`;
}

/** SQL: the device on which a user was seen; NULL where one of the two is missing. */
export const seenOn = (user: string, device: string, settings: Pick<Settings, "missingIds">) =>
  `CASE WHEN NOT ${isMissing("user", user, settings)} AND NOT ${isMissing("user", device, settings)} THEN ${device} END`;

/** SQL: a text of white space alone counts as missing. */
export function isBlank(text: string): string {
  // White space sorts before "!". So most texts are not even trimmed.
  return `(${text} IS NULL OR CASE WHEN ${text} < '!' THEN trim(${text}, E' \\t\\r\\n') = '' ELSE false END)`;
}
