import { literal } from "../../duckdb.ts";

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
 * 8601 and its kin. A time without a zone is UTC. With a format of strptime only that is read.
 */
export function microseconds(text: string, format?: string): string {
  if (format !== undefined)
    return `epoch_us(CAST(try_strptime(trim(${text}), ${literal(format)}) AS TIMESTAMPTZ))`;
  // Of a heading, which each file of many has, not even that is tried.
  const others = `CASE WHEN ltrim(${text}) BETWEEN '0' AND ':' THEN coalesce(${rare(text)}, ${named(text)}) END`;
  return `coalesce(${sinceEpoch(text)}, ${plain(text)}, ${others})`;
}

/**
 * A date is not even tried as a number: a cast that fails is slow. That test stands within the
 * cast, so that the cast is one expression, which DuckDB computes once.
 */
function sinceEpoch(text: string): string {
  const number = `TRY_CAST(CASE WHEN NOT contains(${text}, '-') THEN ${text} END AS DOUBLE)`;
  const scale = (unit: number, factor: string) =>
    `WHEN ${number} >= ${SECONDS_2000 * unit} AND ${number} < ${SECONDS_2100 * unit} THEN CAST(${number} ${factor} AS BIGINT)`;
  return `CASE ${scale(1, "* 1e6")} ${scale(1e3, "* 1e3")} ${scale(1e6, "")} ${scale(1e9, "/ 1e3")} END`;
}

/**
 * The forms that DuckDB casts quickly. A cast to TIMESTAMP drops an offset, and one to TIMESTAMPTZ
 * takes many microseconds to refuse a text, so each gets only what it can read.
 */
function plain(text: string): string {
  const clock = `substr(${text}, 12)`;
  const hasSeconds = `substr(${text}, 17, 1) = ':'`;
  const closed = `left(${text}, 11) || replace(${clock}, ' ', '')`;
  return `CASE
    WHEN NOT contains(${text}, '+') AND NOT contains(${clock}, '-') THEN epoch_us(TRY_CAST(${text} AS TIMESTAMP))
    WHEN ${hasSeconds} AND NOT contains(${clock}, ' ') THEN epoch_us(TRY_CAST(${text} AS TIMESTAMPTZ))
    WHEN ${hasSeconds} AND right(${text}, 1) BETWEEN '0' AND '9' THEN epoch_us(TRY_CAST(${closed} AS TIMESTAMPTZ)) END`;
}

const DATE = String.raw`(\d{4})(?:[-/.](\d\d?)[-/.](\d\d?)|(\d\d)(\d\d))`;
const CLOCK = String.raw`(?:(?:[T ] *(\d\d?)|(\d\d))(?::?(\d\d)(?::?(\d\d)(?:[.,](\d+))?)?)?)?`;
const ZONE = String.raw`(?: *(?:Z|UTC|GMT|([+-])(\d\d)(?::?(\d\d))?)(?: *(?:UTC|GMT|\[[\w/+-]+\]|[A-Z]{3,5}))?)?`;
const PARTS = "y m d mm dd h hh i s f sign zh zm".split(" ").map(literal).join(", ");

/** Offsets after a space, without minutes; times without seconds; the basic format; commas. */
function rare(text: string): string {
  const or0 = (part: string) => `CASE WHEN t.${part} = '' THEN '0' ELSE t.${part} END`;
  const clock = `CASE WHEN t.h || t.hh = '' THEN '0' ELSE t.h || t.hh END || ':' || ${or0("i")} || ':' || ${or0("s")} || '.' || ${or0("f")}`;
  const offset = `CASE WHEN t.sign = '' THEN 0 ELSE CAST(t.sign || '1' AS BIGINT) * (60 * CAST(t.zh AS BIGINT) + CAST(${or0("zm")} AS BIGINT)) END`;
  const parsed = `regexp_extract(trim(${text}), ${literal(`^${DATE}${CLOCK}${ZONE}$`)}, [${PARTS}], 'i')`;
  return `list_transform([${parsed}], lambda t: CASE WHEN t.y <> '' THEN
    epoch_us(TRY_CAST(t.y || '-' || t.m || t.mm || '-' || t.d || t.dd || ' ' || ${clock} AS TIMESTAMP)) - 60000000 * ${offset} END)[1]`;
}

/** Cities name a zone; of abbreviations only those that mean one (CST and IST mean several). */
const NAMED = String.raw`^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)? ?([A-Z][a-z]+/[A-Za-z_/]+|[CEMW]ET|JST|[EMP]ST)$`;

function named(text: string): string {
  return `CASE WHEN regexp_matches(${text}, ${literal(NAMED)}) THEN epoch_us(TRY_CAST(${text} AS TIMESTAMPTZ)) END`;
}
