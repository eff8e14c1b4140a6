import { literal } from "../../duckdb.ts";

/** A sign or a short name of a currency: €, EUR, kr, Rs. */
const CURRENCY = String.raw`(?:\p{Sc}|[\p{L}]{1,3}\p{Sc}?\.?)?`;
const GAP = String.raw`[\s\x{00a0}\x{202f}]*`;
const DIGITS = String.raw`(-?\d[\d.,'’ \x{00a0}\x{202f}]*?)`;
const WRITTEN = `^${GAP}${CURRENCY}${GAP}${DIGITS}${GAP}${CURRENCY}${GAP}$`;

/** How people write numbers: a pattern, what divides thousands, and what the decimals. */
const FORMS: [pattern: string, thousands: string, decimals: string][] = [
  [String.raw`-?\d+(\.\d+)?`, "", "."],
  [String.raw`-?(\d+,(\d{1,2}|\d{4,})|0,\d+)`, "", ","],
  [String.raw`-?\d{1,3}(,\d{3})+\.\d+`, ",", "."],
  [String.raw`-?\d{1,3}(,\d{3}){2,}`, ",", "."],
  [String.raw`-?\d{1,3}(\.\d{3})+,\d+`, ".", ","],
  [String.raw`-?\d{1,3}(\.\d{3}){2,}`, ".", ","],
  [String.raw`-?\d{1,3}(['’ \x{00a0}\x{202f}]\d{3})+([.,]\d+)?`, "'’ \u00a0\u202f", ","],
];

/**
 * SQL: a number as a shop writes it (12,50; $1,299.00; 1 299,00 EUR) as DuckDB reads it; any other
 * text as it stands. `1,299` stays: it may be either number.
 */
export function numberText(text: string): string {
  const digits = `regexp_extract(${text}, ${literal(WRITTEN)}, 1)`;
  const cases = FORMS.map(([pattern, thousands, decimals]) => {
    const joined = [...thousands].reduce((sql, sign) => `replace(${sql}, ${literal(sign)}, '')`, "n");
    return `WHEN regexp_full_match(n, ${literal(pattern)}) THEN replace(${joined}, ${literal(decimals)}, '.')`;
  });
  const read = `list_transform([${digits}], lambda n: CASE ${cases.join(" ")} END)[1]`;
  return `CASE WHEN ${text} IS NULL OR TRY_CAST(${text} AS DOUBLE) IS NOT NULL THEN ${text} ELSE coalesce(${read}, ${text}) END`;
}
