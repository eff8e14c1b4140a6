/**
 * The common form of every source: a SELECT with one row for each item of each event, and these
 * columns.
 *
 *     line               number of the line or row in the file
 *     malformed          true when the line cannot be read at all
 *     heading            true when the line is a CSV header
 *     event, event_text  one of the three or NULL; the name in the file
 *     user, item, quantity, name, category, price, scope, time   text, as in the file
 *     micros             microseconds since 1970, NULL where the time cannot be read
 *     day                DATE
 */
export interface EventRows {
  select: string;
  /**
   * SQL over the columns above (and `source`, if the SELECT has it): the row as text, for the
   * rejects file.
   */
  text: string;
}

/** SQL: a text of white space alone counts as missing. */
export function isBlank(text: string): string {
  return `(${text} IS NULL OR trim(${text}, E' \\t\\r\\n') = '')`;
}
