/**
 * Orders text by its UTF-8 bytes, as DuckDB, Spark and BigQuery do. JavaScript's `<` compares
 * UTF-16 units, which puts U+FF5E after emoji. Comparing by code point is the same as comparing the
 * bytes.
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let k = 0; k < length; k++) {
    const x = a.charCodeAt(k);
    const y = b.charCodeAt(k);
    if (x !== y) return codePointRank(x) - codePointRank(y);
  }
  return a.length - b.length;
}

/**
 * Surrogates stand for code points above all other UTF-16 units. So they are ranked above those.
 */
function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/**
 * A score in millionths. This is the project's only rounding: to the nearest, halves to even, as
 * NumPy's round, Spark's bround and DuckDB's round_even do. Values within 1e-12 of a half count as
 * half. So engines that multiply in another order still agree.
 */
export function millionths(score: number): number {
  const value = score * 1e6;
  const floor = Math.floor(value);
  const above = value - floor - 0.5;
  if (above > 1e-6) return floor + 1;
  if (above < -1e-6) return floor;
  return floor + (floor % 2);
}
