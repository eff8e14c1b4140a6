const NEXT = "\n  Next: ";

/**
 * The reason of a failed job, from its output: a Problem of ours, else the last line that looks
 * like an error.
 */
export function lastWords(output: string): { why: string; next?: string } | undefined {
  const at = output.lastIndexOf(NEXT);
  if (at >= 0) {
    const before = output.slice(0, at);
    // Python's traceback names the class. The runner's additions come after the message.
    const [raised, line] = [before.lastIndexOf("Problem: "), before.lastIndexOf("\n") + 1];
    const next = output
      .slice(at + NEXT.length)
      .split("\n")[0]
      .replace(/ \[while running .*$/, "");
    return { why: before.slice(raised >= 0 ? raised + "Problem: ".length : line).trim(), next };
  }
  const why = output.split("\n").findLast((line) => /^[\w.]*(Error|Exception)\b/.test(line));
  return why ? { why } : undefined;
}
