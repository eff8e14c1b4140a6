const SECONDS_2000 = 946_684_800;
const SECONDS_2100 = 4_102_444_800;

/**
 * SQL: true when microseconds since 1970, and a day, lie between 2000 and tomorrow. The extra day
 * allows for wrong clocks and time zones.
 */
export function isPlausible(microseconds: string, day: string): string {
  const tomorrow = "CAST(now() AS DATE) + 1";
  return `${microseconds} >= ${SECONDS_2000}000000 AND ${microseconds} < epoch_us(${tomorrow} + INTERVAL 1 DAY) AND ${day} <= ${tomorrow}`;
}

/**
 * SQL that turns a time in text into microseconds since 1970, or NULL. It takes a number of
 * seconds, milli-, micro- or nanoseconds (between 2000 and 2100 these cannot be confused), or ISO
 * 8601 and its kin. A time without a zone is UTC.
 */
export function microseconds(text: string): string {
  const number = `TRY_CAST(${text} AS DOUBLE)`;
  const scale = (unit: number, factor: string) =>
    `WHEN ${number} >= ${SECONDS_2000 * unit} AND ${number} < ${SECONDS_2100 * unit} THEN CAST(${number} ${factor} AS BIGINT)`;
  return `CASE ${scale(1, "* 1e6")} ${scale(1e3, "* 1e3")} ${scale(1e6, "")} ${scale(1e9, "/ 1e3")}
    ELSE epoch_us(coalesce(
      TRY_CAST(${text} AS TIMESTAMPTZ),
      CAST(try_strptime(${text}, ['%Y%m%d', '%Y-%m-%dT%H:%MZ']) AS TIMESTAMPTZ))) END`;
}
