import { printableLine } from "../contracts/printable.ts";

/** Lays rows out in columns; numbers go to the right. Control characters are shown, not sent. */
export function table(headings: string[], cells: string[][]): string {
  const rows = cells.map((row) => row.map(printableLine));
  const widths = headings.map((heading, k) =>
    rows.reduce((widest, row) => Math.max(widest, row[k].length), heading.length),
  );
  const isNumeric = headings.map(
    (_, k) => rows.length > 0 && rows.every((row) => /^[-+]?[\d.,]*%?$/.test(row[k])),
  );
  const line = (cells: string[]) =>
    cells
      .map((cell, k) => (isNumeric[k] ? cell.padStart(widths[k]) : cell.padEnd(widths[k])))
      .join("  ")
      .trimEnd();
  return [line(headings), line(widths.map((width) => "─".repeat(width))), ...rows.map(line)].join("\n");
}

/** 1234567 as 1,234,567. */
export const count = (value: number): string => Math.round(value).toLocaleString("en-US");

/** Milliseconds as "0.4 s" or "3 min 20 s". */
export function duration(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** A difference, with its sign. */
export const signed = (value: number, digits = 4): string =>
  `${value < 0 ? "" : "+"}${value.toFixed(digits)}`;
