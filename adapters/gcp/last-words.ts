const NEXT = "\n  Next: ";
const BEGINNINGS = [" ERROR ", "Problem: ", "\n"];

/** Why a job failed, found in what it wrote: a Problem of ours, or else the last line that looks like an error. */
export function lastWords(output: string): { why: string; next?: string } | undefined {
  const at = output.lastIndexOf(NEXT);
  if (at >= 0) {
    const before = output.slice(Math.max(0, at - 4000), at);
    const next = output
      .slice(at + NEXT.length)
      .split("\n")[0]
      .replace(/ \[while running .*$/, "");
    return { why: before.slice(beginningOf(before)).trim(), next };
  }
  const why = output.split("\n").findLast((line) => /^[\w.]*(Error|Exception)\b/.test(line));
  return why ? { why } : undefined;
}

/** A Problem begins behind what a logger or Python's traceback put before it; without either, it is one line. */
function beginningOf(before: string): number {
  const found = BEGINNINGS.map((text) => ({ text, at: before.lastIndexOf(text) })).find(({ at }) => at >= 0);
  return found ? found.at + found.text.length : 0;
}
