/** A table for the terminal: the first column to the left, numbers to the right. */
export function table(header: string[], rows: string[][]): string {
  const all = [header, ...rows];
  const width = header.map((_, c) => Math.max(...all.map((row) => row[c].length)));
  const line = (row: string[]) =>
    row.map((cell, c) => (c === 0 ? cell.padEnd(width[c]) : cell.padStart(width[c]))).join("   ");
  const rule = "-".repeat(line(header).length);
  return [line(header), rule, ...rows.map(line)].map((text) => `  ${text.trimEnd()}`).join("\n");
}

/** "1.52 (1.49-1.60)": the median of a few measurements, and the range when there are several. */
export function spread(values: number[], digits: number): string {
  const middle = median(values).toFixed(digits);
  if (values.length < 2) return middle;
  return `${middle} (${Math.min(...values).toFixed(digits)}-${Math.max(...values).toFixed(digits)})`;
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export const count = (n: number) => n.toLocaleString("en");
export const millions = (n: number) => `${(n / 1e6).toFixed(2)} M`;
export const times = (ratio: number) => `${ratio.toFixed(2)}x`;
